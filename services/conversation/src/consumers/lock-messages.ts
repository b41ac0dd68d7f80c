import type { MessageId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { type Conversation } from '../conversation/conversation.domain.ts';
import { keyText, lockConversations } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import type { Message } from '../message/message.domain.ts';
import { conversationsOfMessages, lockMessages } from '../message/message.store.ts';

/** Messages and conversations that are locked in this transaction, by `keyText`. */
export interface LockedMessages {
  readonly conversations: Map<string, Conversation>;
  readonly messages: Map<string, Message>;
}

/**
 * Locks messages and their conversations. The message decides which one: what ingest reports of a conversation that it
 * has joined already names the other one, perhaps before this service has joined them.
 */
export async function lockWithConversations(
  trx: Transaction<DB>,
  keys: readonly { readonly tenantId: TenantId; readonly id: MessageId }[],
): Promise<LockedMessages> {
  const conversations = await lockConversations(trx, await conversationsOfMessages(trx, keys));
  const locked = await lockMessages(trx, keys);
  const isLocked = (message: Message) => conversations.has(conversationKeyOf(message));
  // Otherwise they were joined in between; the next reading sees it.
  if (!locked.every(isLocked)) return lockWithConversations(trx, keys);
  return { conversations, messages: new Map(locked.map((message) => [keyText(message), message])) };
}

export function conversationKeyOf({ tenantId, conversationId: id }: Message): string {
  return keyText({ tenantId, id });
}
