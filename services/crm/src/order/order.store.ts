import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
import { type OrderName, orderKey, type OrderRef } from './order.domain.ts';

type Trx = Transaction<DB>;

/** The known orders, by key. */
export async function readOrders(trx: Trx, orders: readonly OrderRef[]): Promise<Map<string, OrderRef>> {
  const { rows } = await sql<OrderRow>`
    select o.*, array(select t.tracking_number from order_tracking t
      where t.tenant_id = o.tenant_id and t.order_id = o.order_id) as tracking_numbers
    from order_ref o
    where (o.tenant_id, o.order_id) in (
      select * from unnest(${orders.map((o) => o.tenantId)}::uuid[], ${orders.map((o) => o.orderId)}::uuid[]))`.execute(
    trx,
  );
  return new Map(rows.map(toOrder).map((order) => [orderKey(order), order]));
}

type OrderRow = Row<'order_ref'> & { readonly tracking_numbers: Row<'order_tracking'>['tracking_number'][] };

function toOrder(row: OrderRow): OrderRef {
  return {
    tenantId: row.tenant_id,
    orderId: row.order_id,
    accountId: row.account_id,
    externalOrderId: row.external_order_id,
    reference: row.reference,
    orderNumber: row.order_number,
    buyerExternalId: row.buyer_external_id,
    placedAt: row.placed_at,
    state: row.state,
    total:
      row.total_minor === null || row.currency === null
        ? null
        : { minor: BigInt(row.total_minor), currency: row.currency },
    region: row.region,
    skus: row.skus,
    version: row.version,
    trackingNumbers: row.tracking_numbers,
  };
}

/** Stores the latest snapshot of each order. */
export async function saveOrders(trx: Trx, orders: readonly OrderRef[]): Promise<void> {
  await sql`
    insert into order_ref as o (tenant_id, order_id, account_id, external_order_id, reference, order_number,
      buyer_external_id, placed_at, state, currency, total_minor, region, skus, version)
    select n.tenant_id, n.order_id, n.account_id, n.external_order_id, n.reference, n.order_number, n.buyer_external_id,
      n.placed_at, n.state, n.currency, n.total_minor, n.region, array(select jsonb_array_elements_text(n.skus)), n.version
    from unnest(${orders.map((o) => o.tenantId)}::uuid[], ${orders.map((o) => o.orderId)}::uuid[],
      ${orders.map((o) => o.accountId)}::uuid[], ${orders.map((o) => o.externalOrderId)}::text[],
      ${orders.map((o) => o.reference)}::text[], ${orders.map((o) => o.orderNumber)}::text[], ${orders.map((o) => o.buyerExternalId)}::text[],
      ${orders.map((o) => o.placedAt)}::timestamptz[], ${orders.map((o) => o.state)}::text[],
      ${orders.map((o) => o.total?.currency ?? null)}::text[],
      ${orders.map((o) => (o.total === null ? null : String(o.total.minor)))}::bigint[],
      ${orders.map((o) => o.region)}::text[], ${orders.map((o) => JSON.stringify(o.skus))}::jsonb[],
      ${orders.map((o) => o.version)}::integer[])
      as n (tenant_id, order_id, account_id, external_order_id, reference, order_number, buyer_external_id, placed_at,
        state, currency, total_minor, region, skus, version)
    on conflict (tenant_id, order_id) do update
    set buyer_external_id = excluded.buyer_external_id, placed_at = excluded.placed_at, state = excluded.state,
      currency = excluded.currency, total_minor = excluded.total_minor, region = excluded.region, skus = excluded.skus,
      version = excluded.version
    where o.version < excluded.version`.execute(trx);
}

/** Stores every tracking number that any snapshot named. */
export async function saveTrackings(trx: Trx, orders: readonly OrderRef[]): Promise<void> {
  const rows = orders.flatMap((order) => order.trackingNumbers.map((number) => ({ order, number })));
  if (rows.length === 0) return;
  await sql`
    insert into order_tracking (tenant_id, account_id, tracking_number, order_id)
    select * from unnest(${rows.map(({ order }) => order.tenantId)}::uuid[],
      ${rows.map(({ order }) => order.accountId)}::uuid[], ${rows.map(({ number }) => number)}::text[],
      ${rows.map(({ order }) => order.orderId)}::uuid[])
    on conflict do nothing`.execute(trx);
}

/** The conversations that named any of these, even before the order was known. */
export async function conversationsNaming(trx: Trx, names: readonly OrderName[]) {
  const { rows } = await sql<Pick<Row<'conversation_mention'>, 'tenant_id' | 'conversation_id'>>`
    select distinct m.tenant_id, m.conversation_id
    from unnest(${names.map((n) => n.tenantId)}::uuid[], ${names.map((n) => n.accountId)}::uuid[],
      ${names.map((n) => n.token)}::text[], ${names.map((n) => n.kind)}::text[])
      as n (tenant_id, account_id, token, kind)
    join conversation_mention m using (tenant_id, account_id, token, kind)`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, conversationId: row.conversation_id }));
}

/** A page of the orders of each customer, latest first, and one more. They are found by the buyer ids that orders contain. */
export async function readOrdersOf(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
  { first, after }: { readonly first: number; readonly after: Keyset | null },
) {
  const behind =
    after === null ? sql`` : sql`and (o.placed_at, o.order_id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<{ customer_id: CustomerId } & Pick<Row<'order_ref'>, 'order_id' | 'placed_at'>>`
    select asked.customer_id, o.order_id, o.placed_at
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select o.order_id, o.placed_at ${ordersOfAsked(tenantId)} ${behind}
      order by o.placed_at desc, o.order_id desc limit ${first + 1}
    ) as o`.execute(trx);
  return rows.map(({ customer_id, order_id: id, placed_at: at }) => ({ customer_id, id, at }));
}

export async function countOrdersOf(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  const { rows } = await sql<{ customer_id: CustomerId; count: number }>`
    select asked.customer_id, o.count
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select count(*)::int as count from (select 1 ${ordersOfAsked(tenantId)} limit ${countMax + 1}) as counted
    ) as o`.execute(trx);
  return rows;
}

/** The orders `o` of `asked.customer_id`, found by the buyer ids that orders contain; further conditions follow with `and`. */
export function ordersOfAsked(tenantId: TenantId) {
  return sql`from (${buyerIdsOf(tenantId, sql`asked.customer_id`)}) as i
      join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
      where true`;
}
