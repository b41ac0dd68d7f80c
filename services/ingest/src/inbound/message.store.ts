import type { ChannelAccountId, ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { textArray } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { NormalisedMessage } from '../channel/channel.port.ts';
import type { Trx } from '../deps.ts';

export interface MessageToInsert {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly externalMessageId: string;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  /** Null for a reply of ours that the platform has not shown yet. */
  readonly raw: string | null;
}

/** Gives platform messages their ids. Answers which were new: the unique key decides. */
export async function insertMessages(trx: Trx, messages: readonly MessageToInsert[]): Promise<Set<MessageId>> {
  if (messages.length === 0) return new Set();
  const { rows } = await sql<{ message_id: MessageId }>`
    insert into inbound_message (tenant_id, account_id, external_message_id, message_id, conversation_id, raw)
    select * from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.accountId)}::uuid[],
      ${messages.map((m) => m.externalMessageId)}::text[], ${messages.map((m) => m.messageId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${textArray(messages.map((m) => m.raw))}::text[])
      as n (tenant_id, account_id, external_message_id, message_id, conversation_id, raw)
    order by tenant_id, account_id, external_message_id
    on conflict do nothing returning message_id`.execute(trx);
  return new Set(rows.map((row) => row.message_id));
}

type MessageName = Pick<MessageToInsert, 'tenantId' | 'accountId' | 'externalMessageId'>;

/** Which of these platform messages are recorded already, as `nameOfMessage` names them. */
export async function findKnown(trx: Trx, messages: readonly MessageName[]): Promise<Set<string>> {
  const { rows } = await sql<{ account_id: ChannelAccountId; external_message_id: string }>`
    select account_id, external_message_id
    from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.accountId)}::uuid[],
      ${messages.map((m) => m.externalMessageId)}::text[]) as m (tenant_id, account_id, external_message_id)
    join inbound_message using (tenant_id, account_id, external_message_id)`.execute(trx);
  return new Set(rows.map((row) => nameOfMessage(row.account_id, row.external_message_id)));
}

/** Keeps what the platform shows of our own replies. Answers those it showed for the first time, by name. */
export async function noteEchoes(
  trx: Trx,
  echoes: readonly (MessageName & { readonly raw: string })[],
): Promise<Map<string, MessageId>> {
  const { rows } = await sql<{ account_id: ChannelAccountId; external_message_id: string; message_id: MessageId }>`
    update inbound_message as m set raw = e.raw
    from unnest(${echoes.map((e) => e.tenantId)}::uuid[], ${echoes.map((e) => e.accountId)}::uuid[],
      ${echoes.map((e) => e.externalMessageId)}::text[], ${echoes.map((e) => e.raw)}::text[])
      as e (tenant_id, account_id, external_message_id, raw)
    where m.tenant_id = e.tenant_id and m.account_id = e.account_id and m.external_message_id = e.external_message_id
      and m.raw is null
    returning m.account_id, m.external_message_id, m.message_id`.execute(trx);
  return new Map(rows.map((row) => [nameOfMessage(row.account_id, row.external_message_id), row.message_id]));
}

export function nameOfMessage(accountId: ChannelAccountId, externalMessageId: string): string {
  return `${accountId} ${externalMessageId}`;
}

export interface HeldMessage {
  readonly externalMessageId: string;
  readonly message: NormalisedMessage;
  readonly receivedAt: Date;
}

/** Puts a message aside until the replies on their way to its thread are settled. */
export async function holdMessage(
  trx: Trx,
  at: Omit<MessageToInsert, 'messageId' | 'raw'>,
  message: NormalisedMessage,
  receivedAt: Date,
): Promise<void> {
  await sql`
    insert into held_message (tenant_id, account_id, external_message_id, conversation_id, message, occurred_at, received_at)
    select ${at.tenantId}, ${at.accountId}, ${at.externalMessageId}, ${at.conversationId}, ${JSON.stringify(message)}::jsonb,
      ${message.occurredAt}, ${receivedAt}
    where not exists (
      select from inbound_message
      where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and external_message_id = ${at.externalMessageId}
    )
    on conflict do nothing`.execute(trx);
}

/** Takes the held messages of a conversation out, oldest first. */
export async function takeHeld(trx: Trx, tenantId: TenantId, conversationId: ConversationId): Promise<HeldMessage[]> {
  const { rows } = await sql<{
    external_message_id: string;
    message: Omit<NormalisedMessage, 'occurredAt'>;
    occurred_at: Date;
    received_at: Date;
  }>`
    delete from held_message where tenant_id = ${tenantId} and conversation_id = ${conversationId}
    returning external_message_id, message, occurred_at, received_at`.execute(trx);
  return rows
    .map((row) => ({
      externalMessageId: row.external_message_id,
      message: { ...row.message, occurredAt: row.occurred_at },
      receivedAt: row.received_at,
    }))
    .sort((a, b) => a.message.occurredAt.getTime() - b.message.occurredAt.getTime());
}

/** The raw payloads of messages, by message id. */
export async function findRaw(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ message_id: string; raw: string }>`
    select message_id, raw from inbound_message
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and raw is not null`.execute(trx);
  return new Map(rows.map((row) => [row.message_id, row.raw]));
}
