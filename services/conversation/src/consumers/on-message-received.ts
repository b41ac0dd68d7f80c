import { type EventData, lineOf } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { addMessage, type Conversation, touched } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { noMarks } from '../conversation/marks.domain.ts';
import { messageAdded } from '../message/message.events.ts';
import { surveyAnswersIn } from '../survey-question/survey-answers.ts';
import { aggregateOf, createMissing, keyText } from '../conversation/conversation.store.ts';
import { type LockedThreads, lockThreads } from '../conversation/segment.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { type Message, positionOf, unchanged } from '../message/message.domain.ts';
import { insertMessages } from '../message/message.store.ts';
import { takeEarly } from './on-understood.ts';

type Received = Delivered<'ingest.message-received'>;

/**
 * Adds messages to their conversations, which are created with their first message. Six statements a batch, whatever
 * the number of messages, two if conversations begin, and one if a message may answer a survey: the conversations are locked once and every change is decided
 * in memory, with one event each.
 */
export async function takeMessages(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  received: readonly Received[],
): Promise<void> {
  const now = clock.now();
  const first = received.map((one) => newConversation(one, now));
  const threads = await lockThreads(trx, first);
  const conversations = await createMissing(trx, threads.conversations, first);
  const told = received.map((cause) => ({ cause, message: messageOf(cause, placeOf(cause, threads), now) }));
  const inserted = await insertMessages(
    trx,
    told.map(({ message }) => message),
  );
  const answers = await surveyAnswersIn(
    trx,
    told.map(({ cause, message }) => ({ message, threadId: cause.event.data.conversationId })),
  );
  const changed = new Map<string, Conversation>();
  const changes: ConversationChange[] = [];
  for (const { cause, message } of told) {
    const key = keyText({ tenantId: message.tenantId, id: message.conversationId });
    const before = changed.get(key) ?? conversations.get(key);
    if (before === undefined || !inserted.delete(keyText(message))) continue;
    const named = { ...before, buyerName: nameAfter(before, cause) };
    const answer = answers.get(message.id) ?? null;
    const added = { ...message, text: lineOf(message.content), isSurveyAnswer: answer !== null };
    const conversation = addMessage(named, added);
    changed.set(key, conversation);
    const told = { aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(cause) };
    changes.push({ before, after: conversation, events: [messageAdded(told, message, answer)] });
    const threadKey = keyText({ tenantId: message.tenantId, id: cause.event.data.conversationId });
    const own = threadKey === key ? undefined : (changed.get(threadKey) ?? conversations.get(threadKey));
    const renaming = own === undefined ? null : renamed(own, cause);
    if (renaming === null) continue;
    changed.set(threadKey, renaming.after);
    changes.push(renaming);
  }
  await saveChanges({ outbox, clock }, trx, changes);
  await takeEarly(
    { outbox, clock },
    trx,
    first.filter((one) => !threads.conversations.has(keyText(one))),
  );
}

/** The conversation that has the thread of a message, and what the message moves with there. */
function placeOf({ event }: Received, { conversations, live }: LockedThreads): Place {
  const { tenantId, data } = event;
  const segment = live.get(keyText({ tenantId, id: data.conversationId }));
  const conversationId = segment?.conversationId ?? data.conversationId;
  const regroupingId = conversations.get(keyText({ tenantId, id: conversationId }))?.regroupingId ?? null;
  return { conversationId, segmentId: segment?.id ?? null, regroupingId };
}

type Place = Pick<Message, 'conversationId' | 'segmentId' | 'regroupingId'>;

/** A conversation that has a thread of its own has the name told there; another thread does not rename it. */
function nameAfter({ id, splitFrom, buyerName }: Conversation, { event: { data } }: Received): string | null {
  const isNamed = id === data.conversationId || splitFrom !== null;
  return isNamed ? (data.buyer.name ?? buyerName) : buyerName;
}

/** A thread that is in another conversation still renames its own one: the name is right when it comes back. */
function renamed(own: Conversation, cause: Received): ConversationChange | null {
  const { name } = cause.event.data.buyer;
  if (name === null || name === own.buyerName) return null;
  const after = { ...touched(own), buyerName: name };
  const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
  return { before: own, after, events: [conversationChanged(told, 'buyer-named', own.state)] };
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
    splitFrom: null,
    regroupingId: null,
    isRegrouped: false,
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

function messageOf({ event }: Received, place: Place, now: Date): Message {
  const data: EventData<'ingest.message-received'> = event.data;
  return {
    tenantId: event.tenantId,
    id: data.messageId,
    ...place,
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
