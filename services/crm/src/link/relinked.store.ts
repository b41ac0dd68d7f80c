import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

type Trx = Transaction<DB>;

/**
 * Notes that conversations of customers are others than before. Rows are only added, so that nobody waits for whoever takes
 * them.
 */
export async function noteRelinked(
  trx: Trx,
  customers: readonly { readonly tenantId: TenantId; readonly customerId: CustomerId }[],
): Promise<void> {
  if (customers.length === 0) return;
  await sql`
    insert into relinked (tenant_id, customer_id)
    select distinct * from unnest(${customers.map((one) => one.tenantId)}::uuid[],
      ${customers.map((one) => one.customerId)}::uuid[]) as c (tenant_id, customer_id)`.execute(trx);
}

/** The workspace that has waited longest; null if none does. */
export async function tenantRelinked(trx: Trx): Promise<TenantId | null> {
  const row = await trx.selectFrom('relinked').select('tenant_id').orderBy('seq').limit(1).executeTakeFirst();
  return row?.tenant_id ?? null;
}

/** Takes the oldest notes of a workspace; the customers whom they lead to now. */
export async function takeRelinked(trx: Trx, tenantId: TenantId, limit: number): Promise<CustomerId[]> {
  const { rows } = await sql<Pick<Row<'profile'>, 'customer_id'>>`
    with taken as (
      delete from relinked where tenant_id = ${tenantId} and seq in (
        select seq from relinked where tenant_id = ${tenantId} order by seq limit ${limit} for update skip locked)
      returning customer_id
    )
    select distinct p.customer_id from taken t
    join profile p on p.tenant_id = ${tenantId} and p.id = t.customer_id`.execute(trx);
  return rows.map((row) => row.customer_id);
}
