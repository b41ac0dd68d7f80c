import {
  counterChanges,
  type Counter,
  type Fact,
  factKey,
  latestFacts,
  type Told,
} from '@crossdesk/analytics/src/inbox/inbox.domain.ts';
import { type MessageId, newId } from '@crossdesk/contracts';
import { addMessage, type Conversation } from '@crossdesk/conversation/src/conversation/conversation.domain.ts';
import { type LogRecord, nothingObserved, type Observations, type OutboxEvent } from '../observations.ts';
import type { Tape } from './tape.ts';

export const shop = 'simulated/1';
const accountId = 'account';
const tenantId = 'tenant';
const batchSizeMax = 4;
/** Marks tell which messages they come from; the model has none. */
const unmarked = newId<MessageId>();

interface Appended extends OutboxEvent {
  /** A transaction that got its sequence number early may commit late. */
  isCommitted: boolean;
  isPublished: boolean;
}

/** The tables of the services and the log, as lists and maps. */
export interface World {
  readonly outbox: Appended[];
  readonly log: (LogRecord & { readonly event: Appended })[];
  readonly inbound: Map<string, Observations['inbound'][number]>;
  readonly versions: Map<string, number>;
  readonly conversations: Map<string, Conversation>;
  readonly messages: Map<string, Observations['messages'][number] & { readonly occurredAt: string }>;
  readonly facts: Map<string, Fact>;
  readonly counters: Map<string, Counter>;
  /** Ids of the events that each consumer has taken. */
  readonly taken: Map<string, Set<string>>;
  readonly positions: Map<string, number>;
}

export function createWorld(): World {
  return {
    outbox: [],
    log: [],
    inbound: new Map(),
    versions: new Map(),
    conversations: new Map(),
    messages: new Map(),
    facts: new Map(),
    counters: new Map(),
    taken: new Map(),
    positions: new Map(),
  };
}

function append(
  { outbox }: World,
  event: Omit<Appended, 'seq' | 'eventId' | 'tenantId' | 'isPublished' | 'isCommitted'>,
  isLate = false,
): void {
  const seq = outbox.length + 1;
  outbox.push({ ...event, tenantId, seq, eventId: `e${seq}`, isCommitted: !isLate, isPublished: false });
}

/** Receipt, message and event in one transaction; the unique key decides whether the message is new. */
export function receive(
  world: World,
  { thread, id, at }: { readonly thread: string; readonly id: string; readonly at: Date },
  isLate: boolean,
): void {
  const { inbound, outbox, versions } = world;
  if (inbound.has(id)) return;
  // The thread is locked until the transaction before has committed, so no two of its events are open at once.
  for (const event of outbox) if (event.key === thread && event.service === 'ingest') event.isCommitted = true;
  inbound.set(id, { accountId, externalId: id, messageId: `m ${id}`, conversationId: thread });
  const version = (versions.get(thread) ?? 0) + 1;
  versions.set(thread, version);
  const data = { conversationId: thread, messageId: `m ${id}`, direction: 'inbound', externalMessageId: id };
  const address = { service: 'ingest', topic: 'ingest.inbound', key: thread, type: 'ingest.message-received' };
  append(world, { ...address, version, occurredAt: at.toISOString(), data }, isLate);
}

/** Publishes a batch of each service; the relay may die before it marks the batch, which then comes again. */
export function relay({ outbox, log }: World, tape: Tape): void {
  for (const service of ['ingest', 'conversation']) {
    const pending = outbox.filter((one) => one.service === service && one.isCommitted && !one.isPublished);
    const batch = pending.slice(0, batchSizeMax);
    for (const event of batch) {
      const position = log.filter(({ topic }) => topic === event.topic).length;
      const { topic, key, eventId, type } = event;
      log.push({ topic, partition: 0, position, key, eventId, type, event });
    }
    if (tape.percent(15)) continue;
    for (const event of batch) event.isPublished = true;
  }
}

const topicOf = { 'conversation.inbox': 'ingest.inbound', 'analytics.inbox': 'conversation.conversation' } as const;
type Consumer = keyof typeof topicOf;

export function consume(world: World, consumer: Consumer, tape: Tape): void {
  const { log, taken, positions } = world;
  const from = positions.get(consumer) ?? 0;
  const topic = topicOf[consumer];
  const records = log.filter((one) => one.topic === topic).slice(from, from + 1 + tape.take(batchSizeMax));
  if (records.length === 0 || tape.percent(10)) return; // dies before its commit: nothing has happened
  const seen = taken.get(consumer) ?? new Set();
  taken.set(consumer, seen);
  const fresh = records.filter(({ eventId }) => eventId !== null && !seen.has(eventId) && seen.add(eventId));
  const events = fresh.map(({ event }) => event);
  if (consumer === 'conversation.inbox') takeMessages(world, events);
  else count(world, events);
  if (tape.percent(15)) return; // dies after its commit: the batch comes again
  positions.set(consumer, from + records.length);
}

function takeMessages(world: World, events: readonly Appended[]): void {
  const { conversations, messages } = world;
  for (const { key, data, occurredAt } of events) {
    const at = new Date(occurredAt);
    const id = String(data['messageId']);
    const text = `words of ${id}`;
    const from = { direction: 'inbound', author: 'buyer' } as const;
    const message = { ...from, id: unmarked, occurredAt: at, text };
    const next = addMessage(conversations.get(key) ?? newConversation(key, at), message);
    conversations.set(key, next);
    const externalId = String(data['externalMessageId']);
    const shown = { tenantId, conversationId: key, accountId, id, externalId, isBulk: false, ...from };
    messages.set(id, { ...shown, status: null, text, occurredAt });
    append(world, {
      service: 'conversation',
      topic: 'conversation.conversation',
      key,
      type: 'conversation.message-added',
      version: next.version,
      occurredAt,
      data: { conversation: snapshotOf(next), messageId: id, ...from },
    });
  }
}

/** Transactions that were still open commit. */
export function commitLate({ outbox }: World): void {
  for (const event of outbox) event.isCommitted = true;
}

export function observeWorld(world: World): Observations {
  const { inbound, conversations, messages, outbox, log, taken, positions, counters } = world;
  return {
    ...nothingObserved,
    accounts: [{ id: accountId, tenantId, shop }],
    inbound: [...inbound.values()],
    analysed: [...inbound.values()].map(({ messageId }) => messageId),
    linked: [...conversations.keys()],
    conversations: [...conversations.values()].map((one) => ({ ...one, enquiryType: null })),
    messages: [...messages.values()].toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1)),
    outbox,
    log,
    processed: [...taken].flatMap(([consumer, ids]) => [...ids].map((eventId) => ({ consumer, eventId }))),
    groups: Object.entries(topicOf).map(([consumer, topic]) => ({
      consumer,
      topic,
      partition: 0,
      next: positions.get(consumer) ?? 0,
    })),
    counters: shownCounters(counters),
  };
}

function count({ facts, counters }: World, events: readonly Appended[]): void {
  const told = events.map(({ data, version }) => {
    return {
      tenantId,
      version,
      conversation: data['conversation'],
      isAnswer: false,
      delivery: null,
    } as unknown as Told;
  });
  const newer = latestFacts(facts, told);
  const replaced = newer.flatMap((fact) => facts.get(factKey(fact)) ?? []);
  for (const fact of newer) facts.set(factKey(fact), fact);
  for (const change of counterChanges(replaced, newer)) {
    const name = `${change.state} ${change.marks.join()}`;
    const before = counters.get(name);
    counters.set(name, {
      ...change,
      conversationCount: (before?.conversationCount ?? 0) + change.conversationCount,
      unreadCount: (before?.unreadCount ?? 0) + change.unreadCount,
    });
  }
}

// The product has branded types for ids; here any text is good enough.
const brand = (text: string): never => text as never;

function newConversation(id: string, at: Date): Conversation {
  return {
    tenantId: brand(tenantId),
    id: brand(id),
    number: 1,
    accountId: brand(accountId),
    channel: 'generic',
    externalThreadId: id,
    buyerName: null,
    state: 'handled',
    priority: 'normal',
    assigneeId: null,
    phase: 'open',
    snoozedUntil: null,
    cycle: 1,
    teamId: null,
    enquiry: null,
    language: null,
    marks: { complaint: null, risk: null, dealtWith: [] },
    unreadCount: 0,
    waitingSince: null,
    overdueSince: null,
    lastMessageAt: at,
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
    createdAt: at,
  };
}

function snapshotOf({ id, channel, state, phase, assigneeId, teamId, unreadCount, ...rest }: Conversation) {
  const waitingSince = rest.waitingSince?.toISOString() ?? null;
  const conversation = { conversationId: id, accountId, channel, state, phase, assigneeId, teamId, unreadCount };
  return { ...conversation, enquiryType: null, waitingSince, inboundCount: rest.inboundSeq };
}

function shownCounters(counters: ReadonlyMap<string, Counter>): Observations['counters'] {
  return [...counters.values()]
    .filter(({ conversationCount, unreadCount }) => conversationCount !== 0 || unreadCount !== 0)
    .map((one) => ({ ...one, conversations: one.conversationCount, unread: one.unreadCount }));
}
