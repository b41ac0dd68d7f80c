import { type EventData, type MessageContent, textOf } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import type { Message } from './message.domain.ts';

export function messageAdded(changed: ChangedConversation, message: Message): EventDraft<'conversation.message-added'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.message-added',
    origin: changed.origin,
    occurredAt: message.occurredAt,
    receivedAt: message.receivedAt,
    data: {
      conversation: snapshotOf(changed.conversation),
      messageId: message.id,
      direction: message.direction,
      author: message.author,
      kind: message.content.kind,
      text: textOf(message.content),
    },
  };
}

export function replyRequested(
  changed: ChangedConversation,
  message: Message,
  content: MessageContent,
): EventDraft<'conversation.reply-requested'> {
  const { conversation, aggregate, origin } = changed;
  return {
    aggregate,
    type: 'conversation.reply-requested',
    origin,
    data: {
      conversationId: conversation.id,
      messageId: message.id,
      accountId: conversation.accountId,
      content,
      lastInboundAt: conversation.lastInboundAt?.toISOString() ?? null,
    },
  };
}

export function deliveryChanged(
  changed: ChangedConversation,
  delivery: Pick<EventData<'conversation.delivery-changed'>, 'messageId' | 'status' | 'failure'>,
  occurredAt: Date,
): EventDraft<'conversation.delivery-changed'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.delivery-changed',
    origin: changed.origin,
    occurredAt,
    data: { conversation: snapshotOf(changed.conversation), ...delivery },
  };
}
