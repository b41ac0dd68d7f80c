import { type AgentId, type EventData, type MessageSide, textOf } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import { latestContent, shownReactions } from './message-change.domain.ts';
import type { Message } from './message.domain.ts';
import type { AnsweredThread } from './reply-thread.store.ts';
import { type BlockedCode, blockedReasons } from './reply-guard.domain.ts';

/** The survey that a message is the answer to, and the score. */
export type SurveyAnswer = NonNullable<EventData<'conversation.message-added'>['answers']>;

export function messageAdded(
  changed: ChangedConversation,
  message: Message,
  answers: SurveyAnswer | null = null,
): EventDraft<'conversation.message-added'> {
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
      ...(answers === null ? {} : { answers }),
    },
  };
}

/** The message after a change, as agents see it. */
export function messageChanged(
  changed: ChangedConversation,
  message: Message,
  {
    by,
    change,
    at,
  }: { readonly by: MessageSide; readonly change: 'reacted' | 'edited' | 'deleted'; readonly at: Date },
): EventDraft<'conversation.message-changed'> {
  const content = latestContent(message);
  return {
    aggregate: changed.aggregate,
    type: 'conversation.message-changed',
    origin: changed.origin,
    occurredAt: at,
    data: {
      conversation: snapshotOf(changed.conversation),
      messageId: message.id,
      change,
      by,
      kind: content.kind,
      text: message.deletedAt === null ? textOf(content) : null,
      reactions: shownReactions(message).map((reaction) => ({
        by: reaction.by,
        emoji: reaction.emoji,
        reactedAt: reaction.at.toISOString(),
      })),
      editedAt: message.edits.at(-1)?.at.toISOString() ?? null,
      deletedAt: message.deletedAt?.toISOString() ?? null,
    },
  };
}

export function replyRequested(
  changed: ChangedConversation,
  message: Pick<Message, 'id' | 'content'>,
  { thread, isBulk }: { readonly thread: AnsweredThread; readonly isBulk: boolean },
): EventDraft<'conversation.reply-requested'> {
  const { aggregate, origin } = changed;
  return {
    aggregate,
    type: 'conversation.reply-requested',
    origin,
    data: {
      // Ingest delivers to the thread, whatever conversation it is in here.
      conversationId: thread.threadId,
      messageId: message.id,
      accountId: thread.accountId,
      content: message.content,
      lastInboundAt: thread.lastInboundAt?.toISOString() ?? null,
      ...(isBulk ? { purpose: 'bulk' as const } : {}),
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

export function mediaChanged(
  changed: ChangedConversation,
  media: Pick<EventData<'conversation.media-changed'>, 'messageId' | 'state'>,
): EventDraft<'conversation.media-changed'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.media-changed',
    origin: changed.origin,
    data: { conversation: snapshotOf(changed.conversation), ...media },
  };
}

export function replyBlocked(
  { conversation, aggregate, origin }: ChangedConversation,
  agentId: AgentId | null,
  code: BlockedCode,
): EventDraft<'conversation.reply-blocked'> {
  const data = { conversation: snapshotOf(conversation), agentId, reason: blockedReasons[code] };
  return { aggregate, type: 'conversation.reply-blocked', origin, data };
}
