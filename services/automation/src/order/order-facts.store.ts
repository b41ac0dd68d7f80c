import type { ConversationId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { ConversationFacts } from '../conversation/conversation-facts.store.ts';
import type { DB, Row } from '../db.ts';
import { sureConfidence } from './sure-order.domain.ts';
import type { OrderFacts } from './latest-orders.ts';

/** Saves facts of orders, at most one row each; what is older than the row that is there changes nothing. */
export async function saveOrders(trx: Transaction<DB>, orders: readonly OrderFacts[]): Promise<void> {
  if (orders.length === 0) return;
  await sql`
    insert into order_facts as f
    select * from json_populate_recordset(null::order_facts, ${JSON.stringify(orders)}::json)
    order by tenant_id, order_id
    on conflict (tenant_id, order_id) do update
    set external_order_id = excluded.external_order_id, state = excluded.state, placed_at = excluded.placed_at,
      total_minor = excluded.total_minor, total_currency = excluded.total_currency, market = excluded.market,
      product = excluded.product, parcels = excluded.parcels, carrier = excluded.carrier,
      tracking_number = excluded.tracking_number, shipment_state = excluded.shipment_state, version = excluded.version
    where f.version < excluded.version`.execute(trx);
}

/** Locks orders that are known here, and reads the states that they were in. */
export async function lockStates(
  trx: Transaction<DB>,
  orders: readonly OrderFacts[],
): Promise<Map<OrderId, Pick<OrderFacts, 'state' | 'version'>>> {
  const { rows } = await sql<Pick<OrderFacts, 'order_id' | 'state' | 'version'>>`
    select f.order_id, f.state, f.version from order_facts f
    join unnest(${orders.map((o) => o.tenant_id)}::uuid[], ${orders.map((o) => o.order_id)}::uuid[]) as o (tenant_id, order_id)
      on f.tenant_id = o.tenant_id and f.order_id = o.order_id
    order by f.tenant_id, f.order_id for update of f`.execute(trx);
  return new Map(rows.map(({ order_id, ...rest }) => [order_id, rest]));
}

/** The conversation about an order. */
export interface AboutOrder {
  readonly orderId: OrderId;
  readonly conversation: ConversationFacts;
}

/**
 * For each order, the conversation about it with the latest message, if the link is sure and the buyer has written in it: a
 * notice needs a conversation to go to.
 */
export async function conversationsAbout(
  trx: Transaction<DB>,
  orders: readonly OrderFacts[],
): Promise<Map<OrderId, AboutOrder>> {
  const { rows } = await sql<ConversationFacts & { about_order_id: OrderId }>`
    select distinct on (c.tenant_id, c.order_id) c.order_id as about_order_id, f.*
    from unnest(${orders.map((o) => o.tenant_id)}::uuid[], ${orders.map((o) => o.order_id)}::uuid[]) as o (tenant_id, order_id)
    join conversation_order c on c.tenant_id = o.tenant_id and c.order_id = o.order_id and c.confidence >= ${sureConfidence}
    join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.conversation_id
      and f.last_inbound_at is not null
    order by c.tenant_id, c.order_id, f.last_message_at desc, f.conversation_id`.execute(trx);
  return new Map(rows.map(({ about_order_id: orderId, ...conversation }) => [orderId, { orderId, conversation }]));
}

/** Which order a conversation is about. */
export type ConversationOrder = Row<'conversation_order'>;

export async function saveLinks(trx: Transaction<DB>, links: readonly ConversationOrder[]): Promise<void> {
  if (links.length === 0) return;
  await sql`
    insert into conversation_order as c
    select * from json_populate_recordset(null::conversation_order, ${JSON.stringify(links)}::json)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update
    set customer_id = excluded.customer_id, order_id = excluded.order_id, confidence = excluded.confidence,
      version = excluded.version
    where c.version < excluded.version`.execute(trx);
}

/** Whether crm has looked for the order of a conversation, and the order it found is known here. */
export async function isOrderSettled(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<boolean> {
  const { rows } = await sql`
    select from conversation_order c left join order_facts o on o.tenant_id = c.tenant_id and o.order_id = c.order_id
    where c.tenant_id = ${tenantId} and c.conversation_id = ${conversationId}
      and (c.order_id is null or o.order_id is not null)`.execute(trx);
  return rows.length > 0;
}

/** The order that a conversation is about, as far as it is known here, and how sure that is. */
export async function orderOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<(OrderFacts & { readonly confidence: number }) | null> {
  const { rows } = await sql<OrderFacts & { confidence: number | null }>`
    select o.*, c.confidence from conversation_order c
    join order_facts o on o.tenant_id = c.tenant_id and o.order_id = c.order_id
    where c.tenant_id = ${tenantId} and c.conversation_id = ${conversationId}`.execute(trx);
  const [row] = rows;
  return row === undefined ? null : { ...row, confidence: row.confidence ?? 0 };
}

/** Which of these numbers are orders that only other customers have written about. */
export async function ordersOfOthers(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
  numbers: readonly string[],
): Promise<string[]> {
  if (numbers.length === 0) return [];
  const { rows } = await sql<{ external_order_id: string }>`
    select distinct o.external_order_id from order_facts o
    join conversation_order own on own.tenant_id = o.tenant_id and own.conversation_id = ${conversationId}
    join conversation_order other on other.tenant_id = o.tenant_id and other.order_id = o.order_id
    where o.tenant_id = ${tenantId} and o.external_order_id = any(${numbers}::text[])
      and o.order_id is distinct from own.order_id
      and not exists (
        select 1 from conversation_order same where same.tenant_id = o.tenant_id and same.order_id = o.order_id
          and same.customer_id = own.customer_id)`.execute(trx);
  return rows.map((row) => row.external_order_id);
}
