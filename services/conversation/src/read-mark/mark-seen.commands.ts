import type { ConversationId, MessageId } from '@crossdesk/contracts';
import { agentOf, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { noConversation } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { findConversation } from '../conversation/conversation.store.ts';
import { commitAsynchronously, raiseReadMark } from '../conversation/read-mark.store.ts';
import type { DB } from '../db.ts';
import { messagesByIds } from '../message/message.store.ts';
import { openOffer } from '../queue/queue.store.ts';
import { countAfter } from './count-after.store.ts';

export interface SeenInput {
  readonly conversationId: ConversationId;
  readonly upToMessageId: MessageId;
}

/**
 * Notes how far an agent has read; what the queue gave them is opened by it. It is called on every look at a conversation,
 * so it locks none, waits for no disk, publishes nothing and has no entry on the audit chain (ADR 0080).
 */
export async function markSeen(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  { conversationId, upToMessageId }: SeenInput,
): Promise<Outcome<Conversation, 'NOT_FOUND'>> {
  const { tenantId } = actor;
  const conversation = await findConversation(trx, { tenantId, id: conversationId });
  if (conversation === null) return noConversation;
  const message = (await messagesByIds(trx, tenantId, [upToMessageId])).get(upToMessageId);
  if (message?.conversationId !== conversation.id) return noMessage;
  const agentId = agentOf(actor);
  if (agentId === null) return unchanged(conversation);
  // The count is read after the conversation: a message that comes in between is taken as unread.
  const seq = conversation.inboundSeq - (await countAfter(trx, message));
  await commitAsynchronously(trx);
  await raiseReadMark(trx, { tenantId, conversationId: conversation.id, agentId, seq });
  await openOffer(trx, { tenantId, conversationId: conversation.id, agentId });
  return unchanged(conversation);
}

const noMessage = refuse('NOT_FOUND', 'upToMessageId', 'There is no message with this id in the conversation.');
