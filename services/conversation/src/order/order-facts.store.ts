import type { ConversationId, EventData, TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

type OrderFacts = Row<'order_facts'>;

/** Saves the newest facts of each order of a batch; what is older than the row that is there changes nothing. */
export async function saveOrders(
  trx: Transaction<DB>,
  told: readonly Delivered<'ingest.order-updated'>[],
): Promise<void> {
  const latest = new Map<string, OrderFacts>();
  for (const { event } of told) {
    const key = `${event.tenantId} ${event.aggregateId}`;
    if ((latest.get(key)?.version ?? 0) <= event.aggregateVersion)
      latest.set(key, { ...factsIn(event.data), tenant_id: event.tenantId, version: event.aggregateVersion });
  }
  await sql`
    insert into order_facts as f
    select * from json_populate_recordset(null::order_facts, ${JSON.stringify([...latest.values()])}::json)
    order by tenant_id, order_id
    on conflict (tenant_id, order_id) do update
    set account_id = excluded.account_id, external_order_id = excluded.external_order_id, state = excluded.state, total_minor = excluded.total_minor,
      total_currency = excluded.total_currency, market = excluded.market, tracking_numbers = excluded.tracking_numbers,
      version = excluded.version
    where f.version < excluded.version`.execute(trx);
}

function factsIn(order: EventData<'ingest.order-updated'>): Omit<OrderFacts, 'tenant_id' | 'version'> {
  return {
    order_id: order.orderId,
    account_id: order.accountId,
    external_order_id: order.externalOrderId,
    state: order.state,
    total_minor: order.total?.amountMinor ?? null,
    total_currency: order.total?.currency ?? null,
    market: order.recipient?.region ?? null,
    tracking_numbers: order.shipments.flatMap(({ trackingNumber }) =>
      trackingNumber === null ? [] : [trackingNumber],
    ),
  };
}

/** Saves which order each conversation of a batch is about. */
export async function saveOrderLinks(
  trx: Transaction<DB>,
  told: readonly Delivered<'crm.conversation-linked'>[],
): Promise<void> {
  // The events of a key come in their order: the last one of a conversation is the newest.
  const latest = new Map(told.map(({ event }) => [`${event.tenantId} ${event.data.conversationId}`, event]));
  const rows = [...latest.values()].map(({ tenantId, aggregateVersion, data }): Row<'conversation_order'> => ({
    tenant_id: tenantId,
    conversation_id: data.conversationId,
    customer_id: data.customerId,
    order_id: data.order?.orderId ?? null,
    confidence: data.order?.confidence ?? null,
    version: aggregateVersion,
  }));
  await sql`
    insert into conversation_order as c
    select * from json_populate_recordset(null::conversation_order, ${JSON.stringify(rows)}::json)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update
    set customer_id = excluded.customer_id, order_id = excluded.order_id, confidence = excluded.confidence,
      version = excluded.version
    where c.version < excluded.version`.execute(trx);
}

/** Below this the order of a conversation is a guess. */
const confidenceMin = 0.9;

/** The order that a conversation is about, if it is sure and known here. */
export async function orderOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<OrderFacts | null> {
  return (await ordersOf(trx, tenantId, [conversationId])).get(conversationId) ?? null;
}

/** The same for several conversations. */
export async function ordersOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
): Promise<Map<ConversationId, OrderFacts>> {
  const rows = await trx
    .selectFrom('conversation_order as c')
    .innerJoin('order_facts as o', (join) =>
      join.onRef('o.tenant_id', '=', 'c.tenant_id').onRef('o.order_id', '=', 'c.order_id'),
    )
    .selectAll('o')
    .select('c.conversation_id')
    .where('c.tenant_id', '=', tenantId)
    .where(sql<boolean>`c.conversation_id = any(${conversationIds}::uuid[])`)
    .where('c.confidence', '>=', confidenceMin)
    .execute();
  return new Map(rows.map(({ conversation_id: id, ...order }) => [id, order]));
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
