import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Few enough for the lock table of Postgres with any batch. Two tenants in one bucket only wait for each other. */
const buckets = 64;

/**
 * Lets batches take turns within a tenant until they commit. Batches that write new facts (a customer, an order) get an
 * exclusive turn; batches that only use facts share one. Without turns, a message and the order it names could be
 * recorded at the same moment without seeing each other, and no link would ever be created.
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
