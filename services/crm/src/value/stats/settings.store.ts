import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { readStoredRates } from '../rate/rate.store.ts';
import { withShipped } from '../rate/shipped-rates.ts';
import type { Rates } from '../rate/rate.domain.ts';
import { activeRules } from '../tag/tag-rule.store.ts';
import type { TagRule } from '../tag/tag.domain.ts';
import { readModelInForce } from '../tier/tier-model.store.ts';
import type { TierModel } from '../tier/tier-model.domain.ts';

/** By what customers of a workspace are valued. */
export interface ValueSettings {
  readonly model: TierModel;
  readonly modelVersion: number;
  readonly rates: Rates;
  readonly rules: readonly TagRule[];
}

export async function readSettings(trx: Transaction<DB>, tenantId: TenantId): Promise<ValueSettings> {
  const { model, version } = await readModelInForce(trx, tenantId);
  const rates = withShipped(await readStoredRates(trx, tenantId));
  return { model, modelVersion: version, rates, rules: await activeRules(trx, tenantId) };
}

/** Asks for all customers of a workspace to be computed again, from the first on. */
export async function askForPass(trx: Transaction<DB>, tenantId: TenantId, now: Date): Promise<void> {
  await sql`
    insert into recompute_pass (tenant_id, asked_at) values (${tenantId}, ${now})
    on conflict (tenant_id) do update set after_id = null, asked_at = excluded.asked_at`.execute(trx);
}
