import { type EventData, type MessageContent, type NoteId, textOf } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Message } from '../message/message.domain.ts';
import type { Conversation, ConversationState } from './conversation.domain.ts';

/** What every event of a conversation repeats. */
function snapshotOf(conversation: Conversation): EventData<'conversation.changed'>['conversation'] {
  return {
    conversationId: conversation.id,
    accountId: conversation.accountId,
    channel: conversation.channel,
    state: conversation.state,
    assigneeId: conversation.assigneeId,
    unreadCount: conversation.unreadCount,
    waitingSince: conversation.waitingSince?.toISOString() ?? null,
    lastMessageAt: conversation.lastMessageAt.toISOString(),
  };
}

/** Where an event belongs: the locked conversation, as it is after the change, and why it changed. */
export interface ChangedConversation {
  readonly aggregate: LockedAggregate;
  readonly conversation: Conversation;
  readonly origin: Origin;
}

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

export function conversationChanged(
  changed: ChangedConversation,
  change: 'state' | 'assignee' | 'read',
  previousState: ConversationState,
): EventDraft<'conversation.changed'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.changed',
    origin: changed.origin,
    data: { conversation: snapshotOf(changed.conversation), change, previousState },
  };
}

/** Tells that there is a note and whose it is, never what it says. */
export function noteAdded(
  changed: ChangedConversation,
  note: { readonly id: NoteId; readonly agentId: EventData<'conversation.note-added'>['agentId'] },
): EventDraft<'conversation.note-added'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.note-added',
    origin: changed.origin,
    data: { conversation: snapshotOf(changed.conversation), noteId: note.id, agentId: note.agentId },
  };
}
