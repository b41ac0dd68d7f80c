import { type ConversationId, erasedBuyer, type EventData, type MessageId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { ThreadJoin } from './alias.domain.ts';

export type Duplicates = EventData<'ingest.threads-joined'>['duplicates'];

/** Locks threads in the order in which messages lock them. */
export async function lockForJoins(trx: Trx, joins: readonly ThreadJoin[]): Promise<void> {
  const ids = joins.flatMap(({ tenantId, from, into }) => [from, into].map((id) => ({ tenantId, id })));
  await sql`
    select from thread where (tenant_id, conversation_id) in (
      select * from unnest(${ids.map((one) => one.tenantId)}::uuid[], ${ids.map((one) => one.id)}::uuid[]))
    order by tenant_id, conversation_id for update`.execute(trx);
}

/**
 * Moves everything of a locked thread into another one. The row stays, points there, and keeps nothing of the buyer.
 * Returns the messages that both threads had.
 */
export async function moveThread(trx: Trx, join: ThreadJoin): Promise<Duplicates> {
  const duplicates = await dropDuplicates(trx, join);
  await moveRows(trx, join);
  await mergeThreads(trx, join);
  return duplicates;
}

interface TwiceRow {
  readonly in_from: MessageId;
  readonly in_into: MessageId;
  readonly is_reply: boolean;
}

/** A message that reached us under both names is kept once; if one of the two is a reply of ours, that one. */
async function dropDuplicates(trx: Trx, { tenantId, from, into }: ThreadJoin): Promise<Duplicates> {
  const { rows } = await sql<TwiceRow>`
    select f.message_id as in_from, t.message_id as in_into, exists (
      select from delivery_intent i where i.tenant_id = f.tenant_id and i.message_id = f.message_id) as is_reply
    from inbound_message f
    join inbound_message t on t.tenant_id = f.tenant_id and t.conversation_id = ${into}
      and t.external_message_id = f.external_message_id
    where f.tenant_id = ${tenantId} and f.conversation_id = ${from}`.execute(trx);
  const duplicates = rows.map(({ in_from, in_into, is_reply }) =>
    is_reply ? { messageId: in_into, sameAsMessageId: in_from } : { messageId: in_from, sameAsMessageId: in_into },
  );
  await sql`
    delete from inbound_message where tenant_id = ${tenantId}
      and message_id = any(${duplicates.map(({ messageId }) => messageId)}::uuid[])`.execute(trx);
  return duplicates;
}

async function moveRows(trx: Trx, { tenantId, from, into }: ThreadJoin): Promise<void> {
  const ofThread = sql`tenant_id = ${tenantId} and conversation_id = ${from}`;
  await sql`update inbound_message set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`
    delete from held_message h using held_message other
    where h.tenant_id = ${tenantId} and h.conversation_id = ${from} and other.tenant_id = h.tenant_id
      and other.conversation_id = ${into} and other.external_message_id = h.external_message_id`.execute(trx);
  await sql`update held_message set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`update message_change set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`update media set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`update delivery_intent set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`update thread_alias set conversation_id = ${into} where ${ofThread}`.execute(trx);
  await sql`
    insert into raw_subject (tenant_id, account_id, kind, external_id, raw_id)
    select tenant_id, account_id, kind, ${into}::text, raw_id from raw_subject
    where tenant_id = ${tenantId} and kind = 'thread' and external_id = ${from}
    on conflict do nothing`.execute(trx);
  await sql`
    delete from raw_subject where tenant_id = ${tenantId} and kind = 'thread' and external_id = ${from}`.execute(trx);
}

/** The buyer keeps what either thread knew of them; the newer name counts. Erased data stays erased. */
async function mergeThreads(trx: Trx, { tenantId, from, into }: ThreadJoin): Promise<void> {
  await sql`
    update thread t set
      buyer = case
        when f.erased_at is not null then t.buyer
        when f.named_at > t.named_at then t.buyer || jsonb_strip_nulls(f.buyer - 'externalId')
        else t.buyer || jsonb_strip_nulls(f.buyer - 'externalId') || jsonb_strip_nulls(t.buyer) end,
      erased_at = case when f.erased_at is null then null else t.erased_at end,
      named_at = greatest(t.named_at, f.named_at),
      last_inbound_at = greatest(t.last_inbound_at, f.last_inbound_at),
      last_id_ms = greatest(t.last_id_ms, f.last_id_ms)
    from thread f
    where t.tenant_id = ${tenantId} and t.conversation_id = ${into} and f.tenant_id = t.tenant_id
      and f.conversation_id = ${from}`.execute(trx);
  const { rows } = await sql<Pick<Row<'thread'>, 'buyer'>>`
    select buyer from thread where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(trx);
  const [row] = rows;
  if (row === undefined) return;
  await sql`
    update thread set joined_into = ${into}, buyer = ${JSON.stringify(erasedBuyer(row.buyer))}::jsonb, buyer_due_at = null
    where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(trx);
  // A thread that was joined into this one leads to the last one directly.
  await sql`
    update thread set joined_into = ${into} where tenant_id = ${tenantId} and joined_into = ${from}`.execute(trx);
}

/** The messages of a conversation for which changes wait that came under another name of the thread. */
export async function findAwaited(trx: Trx, { tenantId, into }: ThreadJoin) {
  const { rows } = await sql<Pick<Row<'inbound_message'>, 'external_message_id' | 'message_id'>>`
    select m.external_message_id, m.message_id from message_change c
    join inbound_message m using (tenant_id, conversation_id, external_message_id)
    where c.tenant_id = ${tenantId} and c.conversation_id = ${into} and c.waiting is not null`.execute(trx);
  return rows.map((row) => ({
    tenantId,
    conversationId: into,
    externalMessageId: row.external_message_id,
    messageId: row.message_id,
  }));
}

/** The conversations in which these are now, in the same order. Nobody joins them until the commit. */
export async function presentConversations(
  trx: Trx,
  asked: readonly { readonly tenantId: ThreadJoin['tenantId']; readonly conversationId: ConversationId }[],
): Promise<ConversationId[]> {
  const { rows } = await sql<Pick<Row<'thread'>, 'tenant_id' | 'conversation_id' | 'joined_into'>>`
    select tenant_id, conversation_id, joined_into from thread where (tenant_id, conversation_id) in (
      select * from unnest(${asked.map((one) => one.tenantId)}::uuid[], ${asked.map((one) => one.conversationId)}::uuid[]))
    order by tenant_id, conversation_id for share`.execute(trx);
  const present = new Map(rows.map((row) => [`${row.tenant_id} ${row.conversation_id}`, row.joined_into]));
  return asked.map((one) => present.get(`${one.tenantId} ${one.conversationId}`) ?? one.conversationId);
}
