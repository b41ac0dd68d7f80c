import { textOf } from '@crossdesk/contracts';
import { type AnyEventDraft, causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Conversation, moveMessage, reopenUnanswered, touched } from '../conversation/conversation.domain.ts';
import { deliveryChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, keyText, lockConversations, saveConversations } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { isProgress } from '../message/delivery.domain.ts';
import { type Message, positionOf } from '../message/message.domain.ts';
import { lockMessages, saveDeliveries } from '../message/message.store.ts';

type Updated = Delivered<'ingest.delivery-updated'>;

/** Shows what became of outgoing messages. Five statements a batch; each report that changes something is one event. */
export async function takeDeliveries(
  { outbox, log }: Pick<ServiceRuntime<DB>, 'outbox' | 'log'>,
  trx: Transaction<DB>,
  updated: readonly Updated[],
): Promise<void> {
  if (updated.length === 0) return;
  const conversations = await lockConversations(
    trx,
    updated.map(({ event }) => ({ tenantId: event.tenantId, id: event.data.conversationId })),
  );
  const locked = await lockMessages(
    trx,
    updated.map(({ event }) => ({ tenantId: event.tenantId, id: event.data.messageId })),
  );
  const messages = new Map(locked.map((message) => [keyText(message), message]));
  const changed = new Map<string, Conversation>();
  const drafts: AnyEventDraft[] = [];
  for (const one of updated) {
    const { event } = one;
    const conversationKey = keyText({ tenantId: event.tenantId, id: event.data.conversationId });
    const messageKey = keyText({ tenantId: event.tenantId, id: event.data.messageId });
    const conversation = changed.get(conversationKey) ?? conversations.get(conversationKey);
    const message = messages.get(messageKey);
    if (conversation === undefined || message?.conversationId !== conversation.id || message.delivery === null) {
      // Outgoing messages begin in this service, before anyone can report on them.
      log.warn({ eventId: event.id, messageId: event.data.messageId }, 'a delivery report names no message from here');
      continue;
    }
    const after = reported(message, one);
    messages.set(messageKey, after);
    const isTold = after.delivery !== message.delivery;
    if (after.delivery === null || (!isTold && !isMoved(message, after))) continue;
    const placed = moveMessage(conversation, {
      from: message.occurredAt,
      to: after.occurredAt,
      text: textOf(after.content),
    });
    const next = isTold && after.delivery.status === 'failed' ? reopenUnanswered(placed) : touched(placed);
    changed.set(conversationKey, next);
    const { status, failure, updatedAt } = after.delivery;
    const context = { aggregate: aggregateOf(next), conversation: next, origin: causedByEvent(one) };
    drafts.push(deliveryChanged(context, { messageId: message.id, status, failure }, updatedAt));
  }
  await saveDeliveries(
    trx,
    [...messages.values()].filter((message) => message.delivery !== null),
  );
  await saveConversations(trx, [...changed.values()]);
  await outbox.append(trx, drafts);
}

/** The platform's id and place of a message are kept even from a report that comes too late to change anything else. */
function reported(message: Message, { event }: Updated): Message {
  const { status, failure, detail, externalMessageId, platformPosition } = event.data;
  const externalId = message.externalId ?? externalMessageId;
  const known = { ...message, ...placeOf(platformPosition), externalId };
  if (message.delivery === null || !isProgress(message.delivery.status, status)) return known;
  return { ...known, delivery: { status, failure, detail, updatedAt: new Date(event.occurredAt) } };
}

function placeOf(told: Updated['event']['data']['platformPosition']): Partial<Message> {
  return told === undefined ? {} : { occurredAt: new Date(told.occurredAt), position: positionOf(told.sequence) };
}

function isMoved(before: Message, after: Message): boolean {
  return before.occurredAt.getTime() !== after.occurredAt.getTime() || before.position !== after.position;
}
