import { type ConversationId, type ErasedRows, firstIdAt, type MessageId, type TenantId } from '@crossdesk/contracts';
import { type Delivered, textArray } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export type MessageText = Row<'message_text'>;

type Added = Delivered<'conversation.message-added'>;
type Changed = Delivered<'conversation.message-changed'>;

/** Keeps the words of messages; a message without words has no row. */
export async function saveTexts(trx: Transaction<DB>, events: readonly Added[]): Promise<void> {
  const told = events.flatMap(({ event }) => {
    const { messageId, conversation, author, text } = event.data;
    if (text === null || text.trim() === '') return [];
    const { tenantId, aggregateVersion: position, occurredAt } = event;
    return [{ tenantId, messageId, conversationId: conversation.conversationId, author, text, position, occurredAt }];
  });
  if (told.length === 0) return;
  await sql`
    insert into message_text (tenant_id, message_id, conversation_id, author, text, position, added_at)
    select * from unnest(${told.map((t) => t.tenantId)}::uuid[], ${told.map((t) => t.messageId)}::uuid[],
      ${told.map((t) => t.conversationId)}::uuid[], ${told.map((t) => t.author)}::text[],
      ${textArray(told.map((t) => t.text))}::text[], ${told.map((t) => t.position)}::int[],
      ${told.map((t) => t.occurredAt)}::timestamptz[])
    on conflict (tenant_id, message_id) do nothing`.execute(trx);
}

/** Follows edited messages; the words of a deleted one go. */
export async function changeTexts(trx: Transaction<DB>, events: readonly Changed[]): Promise<void> {
  for (const { event } of events) {
    const { messageId, text, change } = event.data;
    if (change === 'reacted') continue;
    const isGone = text === null || text.trim() === '';
    await (
      isGone
        ? sql`delete from message_text where tenant_id = ${event.tenantId} and message_id = ${messageId}`
        : sql`update message_text set text = ${text} where tenant_id = ${event.tenantId} and message_id = ${messageId}`
    ).execute(trx);
  }
}

/** The last messages of a conversation that have words, the earliest first. */
export async function lastTexts(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
  count: number,
): Promise<MessageText[]> {
  const rows = await trx
    .selectFrom('message_text')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .orderBy('position', 'desc')
    .limit(count)
    .execute();
  return rows.toReversed();
}

/** The words of messages, as far as they have any. */
export async function textsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  messageIds: readonly MessageId[],
): Promise<Map<MessageId, string>> {
  const { rows } = await sql<Pick<MessageText, 'message_id' | 'text'>>`
    select message_id, text from message_text
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[])`.execute(trx);
  return new Map(rows.map(({ message_id, text }) => [message_id, text]));
}

/** What the buyer wrote between two places of a conversation, the earliest first. */
export async function textsOfBuyer(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
  { from, to }: { readonly from: number; readonly to: number },
): Promise<MessageText[]> {
  return trx
    .selectFrom('message_text')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('author', '=', 'buyer')
    .where('position', '>=', from)
    .where('position', '<=', to)
    .orderBy('position')
    .execute();
}

/** The next messages of buyers with words behind a message, in the order in which they arrived. */
export async function nextTexts(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { after, before }: { readonly after: string; readonly before: string },
  limit: number,
): Promise<Pick<MessageText, 'message_id' | 'text'>[]> {
  const { rows } = await sql<Pick<MessageText, 'message_id' | 'text'>>`
    select message_id, text from message_text
    where tenant_id = ${tenantId} and message_id > ${after}::uuid and message_id < ${before}::uuid and author = 'buyer'
    order by message_id limit ${limit}`.execute(trx);
  return rows;
}

export async function eraseTexts(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numDeletedRows } = await trx
    .deleteFrom('message_text')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'message_text', count: Number(numDeletedRows) }];
}

const keptDays = 90;

export async function forgetTexts(trx: Transaction<DB>, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptDays * 86_400_000);
  await sql`delete from message_text where message_id < ${firstIdAt(before)}::uuid`.execute(trx);
}
