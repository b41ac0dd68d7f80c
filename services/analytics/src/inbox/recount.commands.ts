import type { TenantId } from '@crossdesk/contracts';
import { declareCounter, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { Counter } from './inbox.domain.ts';
import { addToCounters } from './inbox.store.ts';
import { deleteEmptyCounters, listTenants, missingInCounters, takeRecountTurn } from './recount.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'db' | 'log' | 'metrics'>;

const wrongCounters = declareCounter('analytics', {
  name: 'crossdesk_inbox_wrong_counters_total',
  help: 'Counters of the inbox that the nightly recount has corrected',
});

/**
 * Compares the counters of a tenant with a count of all its conversations, corrects them, and returns what was missing
 * in each (negative: too much). Anything but an empty list is a bug in the counting, so it is logged as an error.
 */
export async function recount({ db, log, metrics }: Deps, tenantId: TenantId): Promise<Counter[]> {
  const missing = await db.asWorker(async (trx) => {
    await takeRecountTurn(trx, tenantId);
    const found = await missingInCounters(trx, tenantId);
    if (found.length > 0) await addToCounters(trx, found);
    return found;
  });
  wrongCounters(metrics).inc(missing.length);
  if (missing.length > 0) log.error({ tenantId, missing }, 'inbox counters were wrong and have been corrected');
  return missing;
}

/** Recounts all tenants, one after the other, and removes the counters that count nothing any more. */
export async function recountAll(deps: Deps): Promise<void> {
  const tenantIds = await deps.db.asWorker(listTenants);
  for (const tenantId of tenantIds) {
    await recount(deps, tenantId);
    await deps.db.asWorker((trx) => deleteEmptyCounters(trx, tenantId));
  }
}
