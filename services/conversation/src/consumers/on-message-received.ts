import { type EventData, lineOf } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { addMessage, type Conversation } from '../conversation/conversation.domain.ts';
import { noMarks } from '../conversation/marks.domain.ts';
import { messageAdded } from '../message/message.events.ts';
import { aggregateOf, keyText, lockOrCreateConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { type Message, positionOf, unchanged } from '../message/message.domain.ts';
import { insertMessages } from '../message/message.store.ts';

type Received = Delivered<'ingest.message-received'>;

/**
 * Adds messages to their conversations, which are created with their first message. Six statements a batch, whatever
 * the number of messages: the conversations are locked once and every change is decided in memory, with one event each.
 */
export async function takeMessages(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  received: readonly Received[],
): Promise<void> {
  const now = clock.now();
  const conversations = await lockOrCreateConversations(
    trx,
    received.map((one) => newConversation(one, now)),
  );
  const told = received.map((cause) => ({ cause, message: messageOf(cause, now) }));
  const inserted = await insertMessages(
    trx,
    told.map(({ message }) => message),
  );
  const changed = new Map<string, Conversation>();
  const changes: ConversationChange[] = [];
  for (const { cause, message } of told) {
    const key = keyText({ tenantId: message.tenantId, id: message.conversationId });
    const before = changed.get(key) ?? conversations.get(key);
    if (before === undefined || !inserted.delete(keyText(message))) continue;
    const named = { ...before, buyerName: cause.event.data.buyer.name ?? before.buyerName };
    const conversation = addMessage(named, { ...message, text: lineOf(message.content) });
    changed.set(key, conversation);
    const told = { aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(cause) };
    changes.push({ before, after: conversation, events: [messageAdded(told, message)] });
  }
  await saveChanges({ outbox, clock }, trx, changes);
}

function newConversation({ event }: Received, now: Date): Omit<Conversation, 'number'> {
  const { data, tenantId } = event;
  return {
    tenantId,
    id: data.conversationId,
    accountId: data.accountId,
    channel: data.channel,
    externalThreadId: data.externalThreadId,
    buyerName: data.buyer.name,
    state: 'handled',
    priority: 'normal',
    assigneeId: null,
    phase: 'open',
    snoozedUntil: null,
    cycle: 1,
    teamId: null,
    enquiry: null,
    language: null,
    marks: noMarks,
    unreadCount: 0,
    waitingSince: null,
    overdueSince: null,
    lastMessageAt: new Date(event.occurredAt),
    lastMessagePreview: null,
    lastInboundAt: null,
    joinedInto: null,
    version: 0,
    revision: 0,
    buyerVersion: 0,
    personVersion: 0,
    contentVersion: 0,
    inboundSeq: 0,
    erasedAt: null,
    createdAt: now,
  };
}

function messageOf({ event }: Received, now: Date): Message {
  const data: EventData<'ingest.message-received'> = event.data;
  return {
    tenantId: event.tenantId,
    id: data.messageId,
    conversationId: data.conversationId,
    direction: data.direction,
    author: data.author,
    agentId: null,
    content: data.content,
    ...unchanged,
    context: data.context ?? null,
    externalId: data.externalMessageId,
    replyToExternalId: data.replyToExternalId,
    position: positionOf(data.sequence),
    delivery: null,
    occurredAt: new Date(event.occurredAt),
    claimedAt: data.claimedAt === undefined || data.claimedAt === null ? null : new Date(data.claimedAt),
    receivedAt: new Date(event.receivedAt),
    recordedAt: now,
    clientMutationId: null,
  };
}
