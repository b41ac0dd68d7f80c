import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { type AnyEventDraft, lockedAggregate, type Origin, type Outbox } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { countCustomerEvents } from '../../customer/customer-version.store.ts';
import type { DB } from '../../db.ts';

/** Those of the customers that have a tag or a tier: ask before their rows are deleted. */
export async function markedAmong(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<CustomerId[]> {
  const { rows } = await sql<{ customer_id: CustomerId }>`
    select customer_id from customer_tag where tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[])
    union
    select customer_id from customer_stats
    where tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[]) and tier is not null
    order by customer_id`.execute(trx);
  return rows.map((row) => row.customer_id);
}

/**
 * Tells whoever keeps the tags and the tier of customers beside their own data that these have none any more: they were
 * erased, or became a part of others.
 */
export async function tellUnmarked(
  { outbox }: { readonly outbox: Pick<Outbox, 'append'> },
  trx: Transaction<DB>,
  { tenantId, marked }: { readonly tenantId: TenantId; readonly marked: readonly CustomerId[] },
  origin: Origin,
): Promise<void> {
  if (marked.length === 0) return;
  const counts = marked.map((customerId) => ({ customerId, count: 1 }));
  const versions = await countCustomerEvents(trx, tenantId, counts);
  await outbox.append(
    trx,
    marked.map((id): AnyEventDraft => {
      const aggregate = lockedAggregate({ tenantId, id, version: versions.get(id) ?? 0 });
      return { type: 'crm.customer-changed', data: { customerId: id, tags: [], tier: null }, aggregate, origin };
    }),
  );
}
