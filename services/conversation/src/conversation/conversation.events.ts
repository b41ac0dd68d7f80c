import type { EventData } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Conversation, ConversationState } from './conversation.domain.ts';

/** What every event of a conversation repeats. */
export function snapshotOf(conversation: Conversation): EventData<'conversation.changed'>['conversation'] {
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
