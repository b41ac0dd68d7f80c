import type { ChannelAccountId, ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { textArray } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

/** The platform's id of a message, within its thread. */
export interface MessageName {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly externalMessageId: string;
}

export interface MessageToInsert extends MessageName {
  readonly messageId: MessageId;
  readonly accountId: ChannelAccountId;
  /** Null for a reply of ours that the platform has not returned yet. */
  readonly raw: string | null;
  /** The text if the event carries only its beginning; else null. */
  readonly wholeText: string | null;
}

export function nameOfMessage(conversationId: ConversationId, externalMessageId: string): string {
  return `${conversationId} ${externalMessageId}`;
}

/** A platform message that was not recorded before. */
export interface NewMessage {
  /** Changes came before it and wait for it. */
  readonly isAwaited: boolean;
}

/** Gives platform messages their ids. Returns the new ones: the unique key decides. */
export async function insertMessages(
  trx: Trx,
  messages: readonly MessageToInsert[],
): Promise<Map<MessageId, NewMessage>> {
  if (messages.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'inbound_message'>, 'message_id'> & { readonly is_awaited: boolean }>`
    insert into inbound_message as m (tenant_id, account_id, external_message_id, message_id, conversation_id, raw, whole_text)
    select * from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.accountId)}::uuid[],
      ${messages.map((m) => m.externalMessageId)}::text[], ${messages.map((m) => m.messageId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${textArray(messages.map((m) => m.raw))}::text[],
      ${textArray(messages.map((m) => m.wholeText))}::text[])
      as n (tenant_id, account_id, external_message_id, message_id, conversation_id, raw, whole_text)
    order by tenant_id, conversation_id, external_message_id
    on conflict do nothing returning message_id, exists (
      select from message_change c where c.tenant_id = m.tenant_id and c.conversation_id = m.conversation_id
        and c.external_message_id = m.external_message_id and c.waiting is not null) as is_awaited`.execute(trx);
  return new Map(rows.map((row) => [row.message_id, { isAwaited: row.is_awaited }]));
}

/** Those platform messages that are already recorded, by `nameOfMessage`. */
export async function findKnown(trx: Trx, messages: readonly MessageName[]): Promise<Map<string, MessageId>> {
  if (messages.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'inbound_message'>, 'conversation_id' | 'external_message_id' | 'message_id'>>`
    select conversation_id, external_message_id, message_id
    from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.conversationId)}::uuid[],
      ${messages.map((m) => m.externalMessageId)}::text[]) as m (tenant_id, conversation_id, external_message_id)
    join inbound_message using (tenant_id, conversation_id, external_message_id)`.execute(trx);
  return new Map(rows.map((row) => [nameOfMessage(row.conversation_id, row.external_message_id), row.message_id]));
}

/** Stores the raw messages of our own replies. Returns the names of those that are stored for the first time. */
export async function noteEchoes(
  trx: Trx,
  echoes: readonly (MessageName & { readonly raw: string })[],
): Promise<Map<string, MessageId>> {
  const { rows } = await sql<Pick<Row<'inbound_message'>, 'conversation_id' | 'external_message_id' | 'message_id'>>`
    update inbound_message as m set raw = e.raw
    from unnest(${echoes.map((e) => e.tenantId)}::uuid[], ${echoes.map((e) => e.conversationId)}::uuid[],
      ${echoes.map((e) => e.externalMessageId)}::text[], ${echoes.map((e) => e.raw)}::text[])
      as e (tenant_id, conversation_id, external_message_id, raw)
    where m.tenant_id = e.tenant_id and m.conversation_id = e.conversation_id and m.external_message_id = e.external_message_id
      and m.raw is null
    returning m.conversation_id, m.external_message_id, m.message_id`.execute(trx);
  return new Map(rows.map((row) => [nameOfMessage(row.conversation_id, row.external_message_id), row.message_id]));
}

/** The whole texts of messages that are shown in part, by message id. */
export async function findWholeTexts(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ message_id: MessageId; whole_text: string }>`
    select message_id, whole_text from inbound_message
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and whole_text is not null`.execute(trx);
  return new Map(rows.map((row) => [row.message_id, row.whole_text]));
}

/** The raw payloads of messages, by message id. */
export async function findRaw(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ message_id: MessageId; raw: string }>`
    select message_id, raw from inbound_message
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and raw is not null`.execute(trx);
  return new Map(rows.map((row) => [row.message_id, row.raw]));
}

/** The latest message of a conversation as the platform told it; null if it told none, or they are erased. */
export async function findLatestRaw(
  trx: Trx,
  { tenantId, conversationId }: Pick<MessageName, 'tenantId' | 'conversationId'>,
): Promise<(Pick<Row<'inbound_message'>, 'external_message_id'> & { readonly raw: string }) | null> {
  const { rows } = await sql<{ external_message_id: string; raw: string }>`
    select external_message_id, raw from inbound_message
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and raw is not null
    order by message_id desc limit 1`.execute(trx);
  return rows[0] ?? null;
}
