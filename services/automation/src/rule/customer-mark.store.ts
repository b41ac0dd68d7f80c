import type { CustomerId, TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Keeps the tags and the tier of customers as they are now; of several events for one the last one counts. */
export async function saveCustomerMarks(
  trx: Transaction<DB>,
  events: readonly Delivered<'crm.customer-changed'>[],
): Promise<void> {
  const latest = new Map(events.map(({ event }) => [`${event.tenantId} ${event.data.customerId}`, event]));
  const all = [...latest.values()];
  const rows = all.map(({ tenantId, data: { customerId, tags, tier } }) => ({
    ...{ tenant_id: tenantId, customer_id: customerId, tags, tier },
  }));
  await sql`
    insert into customer_mark
    select * from json_populate_recordset(null::customer_mark, ${JSON.stringify(rows)}::json) order by 1, 2
    on conflict (tenant_id, customer_id) do update set tags = excluded.tags, tier = excluded.tier`.execute(trx);
  await forgetCustomers(
    trx,
    all.flatMap(({ tenantId, data: { customerId, tags, tier } }) =>
      tags.length === 0 && tier === null ? [{ tenantId, customerId }] : [],
    ),
  );
}

export async function forgetCustomers(
  trx: Transaction<DB>,
  customers: readonly { readonly tenantId: TenantId; readonly customerId: CustomerId }[],
): Promise<void> {
  if (customers.length === 0) return;
  await sql`
    delete from customer_mark where (tenant_id, customer_id) in (select * from
      unnest(${customers.map((one) => one.tenantId)}::uuid[], ${customers.map((one) => one.customerId)}::uuid[]))`.execute(
    trx,
  );
}
