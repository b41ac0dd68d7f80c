import { readDate } from '@crossdesk/condition';
import { minorDigitsOf } from '@crossdesk/contracts';
import { agentOf, changed, type CommandCall, type Outcome, refuse, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { onlyLeads } from '../stats/only-leads.ts';
import { askForPass } from '../stats/settings.store.ts';
import { type Rate, readPerEur } from './rate.domain.ts';
import { countRates, saveRate } from './rate.store.ts';

const ratesMax = 10_000;

/** Sets the rate of a currency from a day on. The spend of all customers is computed again with it. */
export async function setFxRate(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  input: Rate,
): Promise<Outcome<Rate, 'FORBIDDEN' | 'INVALID_INPUT'>> {
  const by = agentOf(actor);
  if (by === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const currency = input.currency.trim().toUpperCase();
  if (currency === 'EUR' || minorDigitsOf(currency) === null)
    return refuse('INVALID_INPUT', 'currency', 'Write a currency by ISO 4217 other than EUR, for instance TWD.');
  if (readDate(input.day) === null)
    return refuse('INVALID_INPUT', 'day', 'Write a day as YYYY-MM-DD, for instance 2026-03-01.');
  const perEur = readPerEur(input.perEur);
  if (perEur === null)
    return refuse(
      'INVALID_INPUT',
      'perEur',
      'Write how many units one euro is, for instance 34.75; at most 8 decimals.',
    );
  if ((await countRates(trx, actor.tenantId)) >= ratesMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${ratesMax} rates.`);
  const rate = { currency, day: input.day, perEur };
  const now = clock.now();
  await saveRate(trx, rate, { tenantId: actor.tenantId, setBy: by, now });
  await askForPass(trx, actor.tenantId, now);
  return changed(rate, actor.tenantId);
}
