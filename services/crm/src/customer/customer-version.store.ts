import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/**
 * Locks the customer that a profile belongs to and counts one more event of theirs. Null if there is no such profile.
 * Lock what else is needed before: whoever holds a customer waits for nothing of theirs.
 */
export async function nextCustomerEvent(
  trx: Transaction<DB>,
  tenantId: TenantId,
  profileId: CustomerId,
): Promise<(LockedAggregate & { readonly id: CustomerId }) | null> {
  const { rows } = await sql<{ id: CustomerId; version: number }>`
    update profile c set version = c.version + 1
    from profile p
    where p.tenant_id = ${tenantId} and p.id = ${profileId} and c.tenant_id = p.tenant_id and c.id = p.customer_id
    returning c.id, c.version`.execute(trx);
  const [row] = rows;
  return row === undefined ? null : { ...lockedAggregate({ tenantId, ...row }), id: row.id };
}

/**
 * Counts several events of each customer in one statement; the version of the first of them. Who calls it holds the rows
 * that the events are about, as above.
 */
export async function countCustomerEvents(
  trx: Transaction<DB>,
  tenantId: TenantId,
  events: readonly { readonly customerId: CustomerId; readonly count: number }[],
): Promise<Map<CustomerId, number>> {
  const { rows } = await sql<{ id: CustomerId; first: number }>`
    update profile c set version = c.version + n.count
    from unnest(${events.map((one) => one.customerId)}::uuid[], ${events.map((one) => one.count)}::integer[])
      as n (customer_id, count)
    where c.tenant_id = ${tenantId} and c.id = n.customer_id
    returning c.id, c.version - n.count + 1 as first`.execute(trx);
  return new Map(rows.map(({ id, first }) => [id, first]));
}
