import { minorDigitsOf, newId, type TierRunId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { onlyLeads } from '../stats/only-leads.ts';
import { askForPass, readSettings } from '../stats/settings.store.ts';
import { readSources } from '../stats/stats.store.ts';
import { worthOf } from '../stats/worth.domain.ts';
import { limitsOf, outdatedRun, readModel, type TierModel } from './tier-model.domain.ts';
import { insertModel, readModelInForce } from './tier-model.store.ts';
import {
  claimRun,
  insertRun,
  lockRun,
  markApplied,
  nextCustomers,
  outdateRuns,
  readQuintiles,
  saveProgress,
  type TierRun,
} from './tier-run.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;
type Code = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT';

/** Below this number of buyers within a year, limits from the data say nothing. */
const buyersMin = 100;
const pageSize = 500;

/**
 * Begins to find out what tiers all customers would have, under another model or after a change that has not reached
 * them. It changes no customer. A run of before that was not applied ends.
 */
export async function recomputeSegments(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  input: { readonly model: TierModel | null; readonly cutPoints: 'KEEP' | 'FROM_DATA' },
): Promise<Outcome<TierRun, Code>> {
  const askedBy = agentOf(actor);
  if (askedBy === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  const read = input.model === null ? null : readModel(input.model);
  if (read !== null && !read.ok) return read;
  await lockModel(trx, tenantId);
  const inForce = await readModelInForce(trx, tenantId);
  const now = clock.now();
  let model = read?.value ?? inForce.model;
  if (input.cutPoints === 'FROM_DATA') {
    const found = model.currency === inForce.model.currency ? await readQuintiles(trx, tenantId, now, buyersMin) : null;
    if (found === null)
      return refuse(
        'INVALID_INPUT',
        'cutPoints',
        `Limits from the data need ${buyersMin} customers who bought within a year, and the currency in force: use KEEP.`,
      );
    model = { ...model, ...limitsOf(found, minorDigitsOf(model.currency) ?? 2) };
  }
  await outdateRuns(trx, tenantId);
  const run: TierRun = {
    ...{
      tenantId,
      id: newId<TierRunId>(),
      state: 'running',
      model,
      baseVersion: inForce.version,
      askedBy,
      askedAt: now,
    },
    ...{ afterId: null, seenCount: 0, changedCount: 0, finishedAt: null, appliedAt: null },
  };
  await insertRun(trx, run);
  return changed(run, run.id);
}

/** Puts the model of a run into force; all customers follow soon after, each with its event. */
export async function applyTierRun(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  runId: TierRunId,
): Promise<Outcome<TierRun, Code>> {
  const setBy = agentOf(actor);
  if (setBy === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  await lockModel(trx, tenantId);
  const run = await lockRun(trx, tenantId, runId);
  if (run === null)
    return refuse('NOT_FOUND', 'runId', 'There is no run with this id: make one with recomputeSegments.');
  if (run.state === 'applied') return unchanged(run);
  const { version } = await readModelInForce(trx, tenantId);
  if (run.state === 'outdated' || version !== run.baseVersion) return outdatedRun;
  if (run.state === 'running')
    return refuse('INVALID_INPUT', 'runId', 'The run is not ready: wait until tierRun says READY, and look at it.');
  const now = clock.now();
  await insertModel(trx, { tenantId, version: version + 1, model: run.model, setBy, now });
  await markApplied(trx, run, now);
  await outdateRuns(trx, tenantId);
  await askForPass(trx, tenantId, now);
  return changed({ ...run, state: 'applied', appliedAt: now }, run.id);
}

async function lockModel(trx: Transaction<DB>, tenantId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('crm.tier-model'), hashtext(${tenantId}))`.execute(trx);
}

/** Looks at the next customers of the oldest open run; false if there is none. */
export async function continueRun({ clock }: Deps, trx: Transaction<DB>): Promise<boolean> {
  const run = await claimRun(trx);
  if (run === null) return false;
  const { tenantId, model } = run;
  const now = clock.now();
  const customerIds = await nextCustomers(trx, tenantId, run.afterId, pageSize);
  const { rates } = await readSettings(trx, tenantId);
  const sources = await readSources(trx, tenantId, customerIds);
  const tiers = await tiersNow(trx, tenantId, customerIds);
  const differences = sources.flatMap(({ customerId, orders }) => {
    const from = tiers.get(customerId) ?? null;
    const to = worthOf(orders, { model, rates, now }).tier;
    return from === to ? [] : { customerId, from, to };
  });
  await saveProgress(trx, run, { customerIds, differences }, now);
  return true;
}

async function tiersNow(trx: Transaction<DB>, tenantId: string, ids: readonly string[]) {
  const { rows } = await sql<{ customer_id: string; tier: string | null }>`
    select customer_id, tier from customer_stats
    where tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.customer_id, row.tier]));
}
