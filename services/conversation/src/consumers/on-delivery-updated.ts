import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Conversation, moveMessage, reopenUnanswered, touched } from '../conversation/conversation.domain.ts';
import { deliveryChanged } from '../message/message.events.ts';
import { aggregateOf, keyText } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { type Delivery, type Message, positionOf } from '../message/message.domain.ts';
import { shownLine } from '../message/message-change.domain.ts';
import { saveDeliveries } from '../message/message.store.ts';
import { conversationKeyOf, lockWithConversations } from './lock-messages.ts';

type Updated = Delivered<'ingest.delivery-updated'>;

/**
 * Stores the delivery reports of ingest on outgoing messages. Ingest alone decides whether a report of a platform is
 * new. Its events of a conversation arrive in order, each is applied once, and parked ones keep their place, so the
 * last event is the valid one. Five statements a batch; each event that changes something causes one event.
 */
export async function takeDeliveries(
  { outbox, clock, log }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
  trx: Transaction<DB>,
  updated: readonly Updated[],
): Promise<void> {
  const { conversations, messages } = await lockWithConversations(trx, updated.map(messageKeyOf));
  const changed = new Map<string, Conversation>();
  const changes: ConversationChange[] = [];
  for (const one of updated) {
    const message = messages.get(keyText(messageKeyOf(one)));
    const key = message === undefined ? '' : conversationKeyOf(message);
    const conversation = changed.get(key) ?? conversations.get(key);
    if (conversation === undefined || message === undefined || message.delivery === null) {
      // Outgoing messages are created in this service, so a report on an unknown one is wrong.
      const { id: eventId, data } = one.event;
      log.warn({ eventId, messageId: data.messageId }, 'a delivery report names no outgoing message of this service');
      continue;
    }
    const delivery = deliveryTold(message.delivery, one);
    const after = { ...message, ...placeTold(one), externalId: externalIdTold(message, one), delivery };
    messages.set(keyText(message), after);
    if (delivery === message.delivery && !isMoved(message, after)) continue;
    const next = conversationAfter(conversation, { message, after, delivery });
    changed.set(key, next);
    changes.push({ before: conversation, after: next, events: [changeOf(one, next, after, delivery)] });
  }
  await saveDeliveries(
    trx,
    [...messages.values()].filter((message) => message.delivery !== null),
  );
  await saveChanges({ outbox, clock }, trx, changes);
}

function messageKeyOf({ event }: Updated) {
  return { tenantId: event.tenantId, id: event.data.messageId };
}

/** Returns the same delivery if nothing visible changes: a report may only bring an id or a place. */
function deliveryTold(known: Delivery, { event }: Updated): Delivery {
  const { status, failure, detail } = event.data;
  if (known.status === status && known.failure === failure && known.detail === detail) return known;
  return { status, failure, detail, updatedAt: new Date(event.occurredAt) };
}

function placeTold({ event }: Updated): Partial<Pick<Message, 'occurredAt' | 'position'>> {
  const { platformPosition: told } = event.data;
  return told === undefined ? {} : { occurredAt: new Date(told.occurredAt), position: positionOf(told.sequence) };
}

function externalIdTold({ externalId }: Message, { event }: Updated): string | null {
  return externalId ?? event.data.externalMessageId;
}

function isMoved(before: Message, after: Message): boolean {
  return before.occurredAt.getTime() !== after.occurredAt.getTime() || before.position !== after.position;
}

function conversationAfter(
  conversation: Conversation,
  { message, after, delivery }: { readonly message: Message; readonly after: Message; readonly delivery: Delivery },
): Conversation {
  const move = { from: message.occurredAt, to: after.occurredAt, text: shownLine(after) };
  const placed = moveMessage(conversation, move);
  const hasFailed = delivery.status === 'failed' && message.delivery?.status !== 'failed';
  return hasFailed ? reopenUnanswered(placed) : touched(placed);
}

function changeOf(cause: Updated, conversation: Conversation, { id: messageId }: Message, delivery: Delivery) {
  const { status, failure, updatedAt } = delivery;
  const told = { aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(cause) };
  return deliveryChanged(told, { messageId, status, failure }, updatedAt);
}
