import { type ConversationId, erasedContent, type MessageId, type TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Message } from './message.domain.ts';

type MessageRow = Row<'message'>;

/** Inserts messages and returns the new ones, as `tenant/id`. */
export async function insertMessages(trx: Transaction<DB>, messages: readonly Message[]): Promise<Set<string>> {
  const { rows } = await sql<Pick<MessageRow, 'tenant_id' | 'id'>>`
    insert into message
    select * from json_populate_recordset(null::message, ${JSON.stringify(messages.map(toRow))}::json)
    on conflict (tenant_id, id) do nothing
    returning tenant_id, id`.execute(trx);
  return new Set(rows.map((row) => `${row.tenant_id}/${row.id}`));
}

/** Moves the messages of a locked conversation into another locked one; they keep their places in time. */
export async function moveMessages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  from: ConversationId,
  { conversationId, segmentId }: { readonly conversationId: ConversationId; readonly segmentId: string | null },
): Promise<void> {
  await trx
    .updateTable('message')
    .set((eb) => ({
      conversation_id: conversationId,
      segment_id: eb.fn.coalesce('segment_id', eb.val(segmentId)),
    }))
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', from)
    .execute();
}

/** Deletes messages that turned out to be others. Returns how many of them were from the buyer. */
export async function deleteMessages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly MessageId[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await trx
    .deleteFrom('message')
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .returning('author')
    .execute();
  return rows.filter(({ author }) => author === 'buyer').length;
}

/** The conversations that messages are in now, not locked. */
export async function conversationsOfMessages(
  trx: Transaction<DB>,
  keys: readonly { readonly tenantId: TenantId; readonly id: MessageId }[],
) {
  const { rows } = await sql<Pick<MessageRow, 'tenant_id' | 'conversation_id'>>`
    select distinct m.tenant_id, m.conversation_id from message m
    join unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]) as k (tenant_id, id)
      on m.tenant_id = k.tenant_id and m.id = k.id`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, id: row.conversation_id }));
}

/** Locks the messages that exist. Their conversations must be locked before, so that two batches cannot deadlock. */
export async function lockMessages(
  trx: Transaction<DB>,
  keys: readonly { readonly tenantId: TenantId; readonly id: MessageId }[],
): Promise<Message[]> {
  const { rows } = await sql<MessageRow>`
    select m.* from message m
    join (select distinct tenant_id, id from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[])
      as k (tenant_id, id)) as wanted on m.tenant_id = wanted.tenant_id and m.id = wanted.id
    order by m.tenant_id, m.id for update of m`.execute(trx);
  return rows.map(toMessage);
}

/** Overwrites the content of the messages of a locked conversation; kinds and times stay. Returns how many. */
export async function eraseMessages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<number> {
  const rows = await trx
    .selectFrom('message')
    .select(['id', 'content'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .execute();
  const erased = rows.map(({ id, content }) => ({ id, content: erasedContent(content) }));
  await sql`
    update message m set content = n.content, context = null, reactions = '[]', edits = '[]', delivery_detail = null
    from jsonb_to_recordset(${JSON.stringify(erased)}::jsonb) as n (id uuid, content jsonb)
    where m.tenant_id = ${tenantId} and m.id = n.id`.execute(trx);
  return erased.length;
}

/** Writes the changes of delivery reports to messages; all of them must be locked in this transaction. */
export async function saveDeliveries(trx: Transaction<DB>, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    update message m
    set delivery_status = n.delivery_status, delivery_failure = n.delivery_failure, delivery_detail = n.delivery_detail,
      delivery_updated_at = n.delivery_updated_at, external_id = n.external_id, occurred_at = n.occurred_at,
      thread_position = n.thread_position
    from json_populate_recordset(null::message, ${JSON.stringify(messages.map(toRow))}::json) n
    where m.tenant_id = n.tenant_id and m.id = n.id`.execute(trx);
}

/** Writes the reactions, edits and deletions of messages; all of them must be locked in this transaction. */
export async function saveMessageChanges(trx: Transaction<DB>, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    update message m set reactions = n.reactions, edits = n.edits, deleted_at = n.deleted_at
    from json_populate_recordset(null::message, ${JSON.stringify(messages.map(toRow))}::json) n
    where m.tenant_id = n.tenant_id and m.id = n.id`.execute(trx);
}

export async function messagesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly MessageId[],
): Promise<Map<MessageId, Message>> {
  const rows = await trx
    .selectFrom('message')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toMessage(row)]));
}

/** A place in a thread: messages are sorted by the platform's time, then its sequence, then the order of recording. */
export interface MessagePlace {
  readonly at: Date;
  readonly position: string;
  readonly id: string;
}

export interface MessagePage {
  readonly first: number;
  readonly after: MessagePlace | null;
  readonly oldestFirst: boolean;
}

/** One page of messages of each conversation, in platform order, with one more row than asked for. */
export async function messagePages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
  page: MessagePage,
): Promise<Map<ConversationId, Message[]>> {
  const { rows } = await messagePagesQuery(tenantId, conversationIds, page).execute(trx);
  return Map.groupBy(rows.map(toMessage), (message) => message.conversationId);
}

export function messagePagesQuery(
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
  { first, after, oldestFirst }: MessagePage,
): RawBuilder<MessageRow> {
  const direction = oldestFirst ? sql`asc` : sql`desc`;
  const beyond = oldestFirst ? sql`>` : sql`<`;
  const behind =
    after === null
      ? sql``
      : sql`and (occurred_at, thread_position, id) ${beyond} (${after.at}::timestamptz, ${after.position}::numeric, ${after.id}::uuid)`;
  return sql<MessageRow>`
    select m.* from unnest(${conversationIds}::uuid[]) as c (id)
    cross join lateral (
      select * from message where tenant_id = ${tenantId} and conversation_id = c.id ${behind}
      order by occurred_at ${direction}, thread_position ${direction}, id ${direction} limit ${first + 1}) m
    order by m.occurred_at ${direction}, m.thread_position ${direction}, m.id ${direction}`;
}

/**
 * The messages that were added last, among the latest by their time: one that a platform reports much too late may be
 * missing.
 */
export async function latestAdded(
  trx: Transaction<DB>,
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: ConversationId },
  count: number,
): Promise<Message[]> {
  const { rows } = await sql<MessageRow>`
    select * from (
      select * from message where tenant_id = ${tenantId} and conversation_id = ${id}
      order by occurred_at desc, thread_position desc, id desc limit ${count + lateMax}) as latest
    order by recorded_at desc, id desc limit ${count}`.execute(trx);
  return rows.map(toMessage);
}

const lateMax = 50;

/** The last position in use at an instant of a conversation; `0` when there is none. */
export async function lastPositionAt(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
  at: Date,
): Promise<string> {
  const row = await trx
    .selectFrom('message')
    .select(({ fn }) => fn.max('thread_position').as('last'))
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('occurred_at', '=', at)
    .executeTakeFirst();
  return row?.last ?? '0';
}

function readTime<Value extends { readonly at: string }>(value: Value): Omit<Value, 'at'> & { readonly at: Date } {
  return { ...value, at: new Date(value.at) };
}

function writeTime<Value extends { readonly at: Date }>(value: Value): Omit<Value, 'at'> & { readonly at: string } {
  return { ...value, at: value.at.toISOString() };
}

export function toMessage(row: MessageRow): Message {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    conversationId: row.conversation_id,
    segmentId: row.segment_id,
    regroupingId: row.regrouping_id,
    direction: row.direction,
    author: row.author,
    agentId: row.agent_id,
    content: row.content,
    context: row.context,
    reactions: row.reactions.map(readTime),
    edits: row.edits.map(readTime),
    deletedAt: row.deleted_at,
    externalId: row.external_id,
    replyToExternalId: row.reply_to_external_id,
    position: row.thread_position,
    delivery:
      row.delivery_status === null || row.delivery_updated_at === null
        ? null
        : {
            status: row.delivery_status,
            failure: row.delivery_failure,
            detail: row.delivery_detail,
            updatedAt: row.delivery_updated_at,
          },
    occurredAt: row.occurred_at,
    claimedAt: row.claimed_at,
    receivedAt: row.received_at,
    recordedAt: row.recorded_at,
    clientMutationId: row.client_mutation_id,
  };
}

function toRow(message: Message): MessageRow {
  return {
    tenant_id: message.tenantId,
    id: message.id,
    conversation_id: message.conversationId,
    segment_id: message.segmentId,
    regrouping_id: message.regroupingId,
    direction: message.direction,
    author: message.author,
    agent_id: message.agentId,
    content: message.content,
    context: message.context,
    reactions: message.reactions.map(writeTime),
    edits: message.edits.map(writeTime),
    deleted_at: message.deletedAt,
    external_id: message.externalId,
    reply_to_external_id: message.replyToExternalId,
    thread_position: message.position,
    delivery_status: message.delivery?.status ?? null,
    delivery_failure: message.delivery?.failure ?? null,
    delivery_detail: message.delivery?.detail ?? null,
    delivery_updated_at: message.delivery?.updatedAt ?? null,
    occurred_at: message.occurredAt,
    claimed_at: message.claimedAt,
    received_at: message.receivedAt,
    recorded_at: message.recordedAt,
    client_mutation_id: message.clientMutationId,
  };
}
