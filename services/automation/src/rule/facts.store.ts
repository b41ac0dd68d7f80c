import type { ConversationId, CustomerId, MessageId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { OrderFacts } from '../order/latest-orders.ts';
import type { KnownCustomer } from './facts.domain.ts';

interface Key {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

export function keyOf({ tenantId, conversationId }: Key): string {
  return `${tenantId} ${conversationId}`;
}

/** What is known about a conversation, with what crm says of its customer; null: nothing. */
export interface ConversationRow extends Row<'rule_conversation'> {
  readonly customer: KnownCustomer | null;
}

/** One row by its key, for each row of `rule_conversation` that a statement writes or reads. */
function customerOf(row: string) {
  const [tenantId, customerId] = [sql.ref(`${row}.tenant_id`), sql.ref(`${row}.customer_id`)];
  return sql`(
    select json_build_object('tags', m.tags, 'tier', m.tier) from customer_mark m
    where m.tenant_id = ${tenantId} and m.customer_id = ${customerId})`;
}

/**
 * Locks what is known about conversations and counts new messages, `messages` for each; by `keyOf`, with the count after
 * them.
 */
export async function countMessages(
  trx: Transaction<DB>,
  keys: readonly Key[],
  messages: readonly number[],
): Promise<Map<string, ConversationRow>> {
  const { rows } = await sql<ConversationRow>`
    insert into rule_conversation as f (tenant_id, conversation_id, message_count)
    select tenant_id, conversation_id, sum(messages)
    from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.conversationId)}::uuid[],
      ${messages}::int[]) as k (tenant_id, conversation_id, messages)
    group by tenant_id, conversation_id order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update set message_count = f.message_count + excluded.message_count
    returning f.*, ${customerOf('f')} as customer`.execute(trx);
  return new Map(rows.map((row) => [keyOf({ tenantId: row.tenant_id, conversationId: row.conversation_id }), row]));
}

/** What the rules remember about a conversation; null before its first event. */
export async function readConversationFacts(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<ConversationRow | null> {
  const { rows } = await sql<ConversationRow>`
    select f.*, ${customerOf('f')} as customer from rule_conversation f
    where f.tenant_id = ${tenantId} and f.conversation_id = ${conversationId}`.execute(trx);
  return rows[0] ?? null;
}

export interface Link extends Key {
  readonly customerId: CustomerId;
  readonly orderId: OrderId | null;
}

/** Records the customers and orders of conversations, each named once, and locks their facts. */
export async function saveLinks(trx: Transaction<DB>, links: readonly Link[]): Promise<Map<string, ConversationRow>> {
  const { rows } = await sql<ConversationRow>`
    insert into rule_conversation as f (tenant_id, conversation_id, customer_id, order_id, message_count)
    select tenant_id, conversation_id, customer_id, order_id, 0
    from unnest(${links.map((link) => link.tenantId)}::uuid[], ${links.map((link) => link.conversationId)}::uuid[],
      ${links.map((link) => link.customerId)}::uuid[], ${links.map((link) => link.orderId)}::uuid[])
      as l (tenant_id, conversation_id, customer_id, order_id)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update
      set customer_id = excluded.customer_id, order_id = excluded.order_id
    returning f.*, ${customerOf('f')} as customer`.execute(trx);
  return new Map(rows.map((row) => [keyOf({ tenantId: row.tenant_id, conversationId: row.conversation_id }), row]));
}

/** What is known about orders, by id: an id belongs to one workspace. */
export async function readOrders(
  trx: Transaction<DB>,
  facts: Iterable<Row<'rule_conversation'>>,
): Promise<Map<OrderId, OrderFacts>> {
  const wanted = [...facts].flatMap(({ tenant_id, order_id }) => (order_id === null ? [] : [{ tenant_id, order_id }]));
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<OrderFacts>`
    select o.* from order_facts o join unnest(${wanted.map((w) => w.tenant_id)}::uuid[],
      ${wanted.map((w) => w.order_id)}::uuid[]) as w (tenant_id, order_id)
      on o.tenant_id = w.tenant_id and o.order_id = w.order_id`.execute(trx);
  return new Map(rows.map((row) => [row.order_id, row]));
}

/** What a machine found out about messages, as far as they were analysed. */
export async function knownAnalyses(
  trx: Transaction<DB>,
  messages: readonly { readonly tenantId: TenantId; readonly messageId: MessageId }[],
): Promise<Map<MessageId, Pick<Row<'message_analysis'>, 'language' | 'understanding'>>> {
  if (messages.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'message_analysis'>, 'message_id' | 'language' | 'understanding'>>`
    select a.message_id, a.language, a.understanding from message_analysis a
    join unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.messageId)}::uuid[])
      as m (tenant_id, message_id) on a.tenant_id = m.tenant_id and a.message_id = m.message_id`.execute(trx);
  return new Map(rows.map(({ message_id, ...analysis }) => [message_id, analysis]));
}
