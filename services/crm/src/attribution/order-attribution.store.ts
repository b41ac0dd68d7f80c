import type { ConversationId, CustomerId, DecisionId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { everywhere } from '../customer/identity.domain.ts';
import type { DB, Row } from '../db.ts';
import { ordersOfAsked } from '../order/order.store.ts';

type Trx = Transaction<DB>;

/** To what an order is attributed; both null: to nothing any more. */
export interface Attribution {
  readonly customerId: CustomerId;
  readonly orderId: OrderId;
  readonly conversationId: ConversationId | null;
  readonly outreachId: DecisionId | null;
  readonly contactAt: Date | null;
}

/** How many days after a contact an order still counts for it. */
const windowDays = 7;

/** The customers of orders that are attributed to conversations which are with these customers now. */
export async function customersWhoseContacts(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<CustomerId[]> {
  const { rows } = await sql<Pick<Row<'customer_identity'>, 'customer_id'>>`
    select distinct i.customer_id
    from conversation_link l
    join order_attribution k on k.tenant_id = l.tenant_id and k.conversation_id = l.conversation_id
    join order_ref o on o.tenant_id = k.tenant_id and o.order_id = k.order_id
    join customer_identity i on i.tenant_id = o.tenant_id and i.kind = 'platform_commerce'
      and i.account_id = o.account_id and i.value = o.buyer_external_id
    where l.tenant_id = ${tenantId} and l.customer_id = any(${customerIds}::uuid[])`.execute(trx);
  return rows.map((row) => row.customer_id);
}

/**
 * To what the orders of customers are to be attributed, where that is another contact than before: the last conversation
 * that began, or marketing that was sent, within the window before the order was placed.
 */
export async function deriveAttributions(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<Attribution[]> {
  type Found = Pick<Row<'order_attribution'>, 'conversation_id' | 'outreach_id' | 'contact_at' | 'order_id'> &
    Pick<Row<'customer_identity'>, 'customer_id'>;
  const { rows } = await sql<Found>`
    with contact as materialized (
      select l.customer_id, l.conversation_id, null::uuid as outreach_id, i.at
      from conversation_link l
      cross join lateral (select min(first_seen_at) as at from customer_identity
        where tenant_id = l.tenant_id and kind = 'conversation' and account_id = ${everywhere}::uuid
          and value = l.conversation_id::text) as i
      where l.tenant_id = ${tenantId} and l.customer_id = any(${customerIds}::uuid[])
      union all
      select p.customer_id, null, o.id, o.decided_at
      from profile p
      join outreach o on o.tenant_id = p.tenant_id and o.profile_id = p.id and o.state in ('decided', 'sent')
        and o.purpose = 'marketing'
      where p.tenant_id = ${tenantId} and p.customer_id = any(${customerIds}::uuid[])
    ), bought as materialized (
      select distinct on (o.order_id) o.order_id, o.placed_at, asked.customer_id
      from unnest(${customerIds}::uuid[]) as asked (customer_id)
      cross join lateral (select o.order_id, o.placed_at ${ordersOfAsked(tenantId)}) as o
      order by o.order_id, asked.customer_id
    )
    select b.customer_id, b.order_id, c.conversation_id, c.outreach_id, c.at as contact_at
    from bought b
    left join lateral (
      select * from contact c
      where c.customer_id = b.customer_id and c.at <= b.placed_at
        and c.at >= b.placed_at - ${windowDays} * interval '24 hours'
      order by c.at desc, c.conversation_id desc nulls last, c.outreach_id desc limit 1) as c on true
    left join order_attribution k on k.tenant_id = ${tenantId} and k.order_id = b.order_id
    where (c.conversation_id, c.outreach_id) is distinct from (k.conversation_id, k.outreach_id)
    order by b.customer_id, b.placed_at, b.order_id`.execute(trx);
  return rows.map((row) => ({
    customerId: row.customer_id,
    orderId: row.order_id,
    conversationId: row.conversation_id,
    outreachId: row.outreach_id,
    contactAt: row.contact_at,
  }));
}

/** Keeps one attribution for each order, with the store of the order. */
export async function saveAttributions(
  trx: Trx,
  tenantId: TenantId,
  changed: readonly Attribution[],
  now: Date,
): Promise<void> {
  await sql`
    insert into order_attribution
      (tenant_id, order_id, account_id, conversation_id, outreach_id, contact_at, attributed_at)
    select o.tenant_id, o.order_id, o.account_id, a.conversation_id, a.outreach_id, a.contact_at, ${now}::timestamptz
    from unnest(${changed.map((one) => one.orderId)}::uuid[], ${changed.map((one) => one.conversationId)}::uuid[],
      ${changed.map((one) => one.outreachId)}::uuid[], ${changed.map((one) => one.contactAt)}::timestamptz[])
      as a (order_id, conversation_id, outreach_id, contact_at)
    join order_ref o on o.tenant_id = ${tenantId} and o.order_id = a.order_id
    on conflict (tenant_id, order_id) do update set conversation_id = excluded.conversation_id,
      outreach_id = excluded.outreach_id, contact_at = excluded.contact_at, attributed_at = excluded.attributed_at`.execute(
    trx,
  );
}
