import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { addDueWork, causedBySystem, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { takeTurns } from '../../link/turns.store.ts';
import { continueRun } from '../tier/tier-run.commands.ts';
import { nextCustomers } from '../tier/tier-run.store.ts';
import { recompute } from './recompute.commands.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Trx = Transaction<DB>;

/** A command nudges in its own process; another process looks at this interval. */
const pollMs = 5_000;
const pageSize = 200;

/** Computes customers again when their time has come, and all of them after a change of rules, rates or model. */
export function addStatsWorker(runtime: ServiceRuntime<DB>): () => void {
  const { db, log } = runtime;
  const look = (name: string, step: (deps: Deps, trx: Trx) => Promise<boolean>) =>
    addDueWork(runtime, () =>
      startDueWork({
        ...{ name, pollMs, concurrencyMax: 1, log },
        claim: async () => ((await db.asWorker((trx) => step(runtime, trx))) ? [null] : []),
        // The claim has done it all in one transaction.
        work: () => Promise.resolve(),
      }),
    );
  const nudges = [look('customers', recomputeDue), look('customer-pass', continuePass), look('tier-run', continueRun)];
  return () => {
    for (const nudge of nudges) nudge();
  };
}

/** The customers of one workspace whose worth changes by time. The turn comes before their rows, as everywhere. */
async function recomputeDue(deps: Deps, trx: Trx): Promise<boolean> {
  const now = deps.clock.now();
  const { rows: first } = await sql<{ tenant_id: TenantId }>`
    select tenant_id from customer_stats where next_change_at <= ${now} order by next_change_at limit 1`.execute(trx);
  const tenantId = first[0]?.tenant_id;
  if (tenantId === undefined) return false;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const { rows } = await sql<{ customer_id: CustomerId }>`
    select customer_id from customer_stats where tenant_id = ${tenantId} and next_change_at <= ${now}
    order by customer_id limit ${pageSize} for update skip locked`.execute(trx);
  const profileIds = rows.map((row) => row.customer_id);
  await recompute(deps, trx, { tenantId, profileIds, cause: 'time' }, causedBySystem());
  return rows.length > 0;
}

async function continuePass(deps: Deps, trx: Trx): Promise<boolean> {
  const { rows } = await sql<{ tenant_id: TenantId; after_id: CustomerId | null }>`
    select tenant_id, after_id from recompute_pass order by asked_at limit 1 for update skip locked`.execute(trx);
  const [pass] = rows;
  if (pass === undefined) return false;
  const { tenant_id: tenantId, after_id: afterId } = pass;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const profileIds = await nextCustomers(trx, tenantId, afterId, pageSize);
  const last = profileIds.at(-1);
  await recompute(deps, trx, { tenantId, profileIds, cause: 'model' }, causedBySystem());
  await (last === undefined
    ? sql`delete from recompute_pass where tenant_id = ${tenantId}`.execute(trx)
    : sql`update recompute_pass set after_id = ${last} where tenant_id = ${tenantId}`.execute(trx));
  return true;
}
