import { type AnyEventDraft, causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Conversation, reworded } from '../conversation/conversation.domain.ts';
import { aggregateOf, keyText } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { applyChange, shownLine } from '../message/message-change.domain.ts';
import type { Message } from '../message/message.domain.ts';
import { messageChanged } from '../message/message.events.ts';
import { saveMessageChanges } from '../message/message.store.ts';
import { conversationKeyOf, lockWithConversations } from './lock-messages.ts';

type Changed = Delivered<'ingest.message-changed'>;

/**
 * Applies reactions, edits and deletions to the messages they name. The conversation keeps its state: nothing becomes
 * unread, nobody waits, no window opens. Five statements a batch; each change that shows causes one event.
 */
export async function takeChanges(
  { outbox, clock, log }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
  trx: Transaction<DB>,
  told: readonly Changed[],
): Promise<void> {
  const { conversations, messages } = await lockWithConversations(trx, told.map(messageKeyOf));
  const changed = { messages: new Map<string, Message>(), conversations: new Map<string, Conversation>() };
  const changes: ConversationChange[] = [];
  for (const one of told) {
    const message = messages.get(keyText(messageKeyOf(one)));
    const key = message === undefined ? '' : conversationKeyOf(message);
    const conversation = changed.conversations.get(key) ?? conversations.get(key);
    if (conversation === undefined || message === undefined) {
      const { id: eventId, data } = one.event;
      log.warn({ eventId, messageId: data.messageId }, 'a change names no message of this service');
      continue;
    }
    const after = applyChange(message, changeOf(one));
    if (after === message) continue;
    const next = conversationAfter(conversation, message, after);
    messages.set(keyText(message), after);
    changed.messages.set(keyText(message), after);
    changed.conversations.set(key, next);
    changes.push({ before: conversation, after: next, events: [eventOf(one, next, after)] });
  }
  await saveMessageChanges(trx, [...changed.messages.values()]);
  await saveChanges({ outbox, clock }, trx, changes);
}

function messageKeyOf({ event }: Changed) {
  return { tenantId: event.tenantId, id: event.data.messageId };
}

function changeOf({ event: { data, occurredAt } }: Changed) {
  return { by: data.by, change: data.change, at: new Date(occurredAt) };
}

function conversationAfter(conversation: Conversation, before: Message, after: Message): Conversation {
  return reworded(conversation, { occurredAt: before.occurredAt, before: shownLine(before), after: shownLine(after) });
}

function eventOf(cause: Changed, conversation: Conversation, message: Message): AnyEventDraft {
  const { by, change } = cause.event.data;
  const told = { aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(cause) };
  return messageChanged(told, message, { by, change: change.kind, at: new Date(cause.event.occurredAt) });
}
