import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { MessageName } from './message-id.store.ts';

export interface HeldMessage {
  readonly externalMessageId: string;
  readonly message: NormalisedMessage;
  readonly claimedAt: Date | null;
  readonly receivedAt: Date;
}

/** Holds a message until the replies that are being sent to its thread are settled. */
export async function holdMessage(
  trx: Trx,
  at: MessageName & { readonly accountId: ChannelAccountId },
  { message, claimedAt, receivedAt }: Omit<HeldMessage, 'externalMessageId'>,
): Promise<void> {
  await sql`
    insert into held_message (tenant_id, account_id, external_message_id, conversation_id, message, occurred_at, claimed_at,
      received_at)
    select ${at.tenantId}, ${at.accountId}, ${at.externalMessageId}, ${at.conversationId}, ${JSON.stringify(message)}::jsonb,
      ${message.occurredAt}, ${claimedAt}::timestamptz, ${receivedAt}
    where not exists (
      select from inbound_message
      where tenant_id = ${at.tenantId} and conversation_id = ${at.conversationId} and external_message_id = ${at.externalMessageId}
    )
    on conflict do nothing`.execute(trx);
}

type HeldRow = Pick<
  Row<'held_message'>,
  'external_message_id' | 'message' | 'occurred_at' | 'claimed_at' | 'received_at'
>;

/** Removes and returns the held messages of a conversation, oldest first. */
export async function takeHeld(trx: Trx, tenantId: TenantId, conversationId: ConversationId): Promise<HeldMessage[]> {
  const { rows } = await sql<HeldRow>`
    delete from held_message where tenant_id = ${tenantId} and conversation_id = ${conversationId}
    returning external_message_id, message, occurred_at, claimed_at, received_at`.execute(trx);
  return rows
    .map((row) => ({
      externalMessageId: row.external_message_id,
      message: { ...row.message, occurredAt: row.occurred_at },
      claimedAt: row.claimed_at,
      receivedAt: row.received_at,
    }))
    .sort((a, b) => a.message.occurredAt.getTime() - b.message.occurredAt.getTime());
}
