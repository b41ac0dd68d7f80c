import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Few enough to fit the lock table of Postgres whatever a batch holds; two tenants in one bucket only wait. */
const buckets = 64;

/**
 * Lets batches take turns within a tenant until they commit. Those that bring new facts (a customer, an order) come
 * alone; those that only use facts go together. Without turns, a message and the order it names could be recorded at the
 * same moment, neither seeing the other, and no link would ever be made.
 */
export async function takeTurns(
  trx: Transaction<DB>,
  tenants: ReadonlyMap<TenantId, 'alone' | 'together'>,
): Promise<void> {
  if (tenants.size === 0) return;
  await sql`
    select case when is_alone then pg_advisory_xact_lock(hashtext('crm.links'), bucket)
      else pg_advisory_xact_lock_shared(hashtext('crm.links'), bucket) end
    from (
      select abs(hashtext(tenant_id) % ${buckets}::int) as bucket, bool_or(is_alone) as is_alone
      from unnest(${[...tenants.keys()]}::text[], ${[...tenants.values()].map((turn) => turn === 'alone')}::boolean[])
        as t (tenant_id, is_alone)
      group by 1 order by 1
    ) as sorted`.execute(trx);
}
