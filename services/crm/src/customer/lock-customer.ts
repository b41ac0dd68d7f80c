import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

type Trx = Transaction<DB>;

/** Locks a customer, or the one they were merged into, and returns their id. */
export async function lockCustomer(trx: Trx, tenantId: TenantId, askedId: CustomerId): Promise<CustomerId | null> {
  const { rows } = await sql<Pick<Row<'profile'>, 'id'>>`
    select id from profile where tenant_id = ${tenantId} and id = (
      select customer_id from profile where tenant_id = ${tenantId} and id = ${askedId})
    for update`.execute(trx);
  return rows[0]?.id ?? null;
}

/** The profiles of a customer. */
export async function profilesOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<CustomerId[]> {
  const rows = await trx
    .selectFrom('profile')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('customer_id', '=', customerId)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether a customer was erased, or is to be. */
export async function isErased(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<boolean> {
  const row = await trx
    .selectFrom('erasure')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('customer_id', '=', customerId)
    .executeTakeFirst();
  return row !== undefined;
}
