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
