import {
  counterChanges,
  type Counter,
  type Fact,
  factKey,
  latestFacts,
} from '@crossdesk/analytics/src/inbox/inbox.domain.ts';
import { addMessage, type Conversation } from '@crossdesk/conversation/src/conversation/conversation.domain.ts';
import type { Violation } from '../checkers/checker.port.ts';
import { countersAreRecount, countersRebuilt, messagesRebuilt, unreadIsRecount } from '../checkers/derived.checker.ts';
import { committedIsDone, keysInOrder, outboxIsOnTheLog } from '../checkers/log.checker.ts';
import { acknowledgedIsStored, oneRowEach, shownInSourceOrder } from '../checkers/messages.checker.ts';
import type { Entry } from '../history.ts';
import { type LogRecord, nothingObserved, type Observations, type OutboxEvent } from '../observations.ts';
import { playTape, type Tape } from './tape.ts';

const shop = 'simulated/1';
const accountId = 'account';
const tenantId = 'tenant';
const threads = 3;
const messagesPerThread = 5;
const batchSizeMax = 4;
const startMs = Date.UTC(2026, 0, 1);

interface Said {
  readonly thread: string;
  readonly id: string;
  readonly at: Date;
  acknowledged: boolean;
}

interface Appended extends OutboxEvent {
  /** A transaction that got its sequence early may commit late. */
  isCommitted: boolean;
  isPublished: boolean;
}

/**
 * One message's way through three services: webhooks come twice, late and in the wrong order; relays die between
 * publishing and marking; consumers die before their commit and behind it. Folding messages and counting is done by the
 * product's own rules; transactions are all or nothing.
 */
export function simulatePipeline(numbers: readonly number[]): Violation[] {
  const tape = playTape(numbers);
  const history: Entry[] = [];
  const world = createWorld();
  const said = sayEverything(history);

  const steps: readonly (() => void)[] = [
    () => world.relay(tape),
    () => deliver(world, tape, said, history),
    () => world.consume('conversation.inbox', tape),
    () => world.consume('analytics.inbox', tape),
    () => world.commitLate(),
  ];
  while (!tape.isOver) steps[tape.take(steps.length)]?.();
  // The trouble is over; what is left is worked off.
  for (let round = 0; round < 200; round += 1) for (const step of steps) step();

  const seen = world.observe();
  return [
    acknowledgedIsStored,
    oneRowEach,
    shownInSourceOrder,
    keysInOrder,
    outboxIsOnTheLog,
    committedIsDone,
    countersAreRecount,
    unreadIsRecount,
    countersRebuilt,
    messagesRebuilt,
  ].flatMap((checker) => checker(history, seen));
}

function sayEverything(history: Entry[]): Said[] {
  const said: Said[] = [];
  for (let n = 0; n < messagesPerThread; n += 1) {
    for (let thread = 0; thread < threads; thread += 1) {
      const one = {
        thread: `t${thread}`,
        id: `t${thread}-${n}`,
        at: new Date(startMs + n * 1_000),
        acknowledged: false,
      };
      said.push(one);
      history.push({ op: 'webhook', phase: 'invoke', shop, thread: one.thread, id: one.id, atMs: 0 });
    }
  }
  return said;
}

/** Any message that was not acknowledged may come next, in any order; an acknowledged one may come again. */
function deliver(world: World, tape: Tape, said: readonly Said[], history: Entry[]): void {
  const open = said.filter(({ acknowledged }) => !acknowledged);
  const candidates = open.length > 0 && !tape.percent(20) ? open : said;
  const one = candidates[tape.take(candidates.length)];
  if (one === undefined) return;
  if (tape.percent(10)) return; // lost on the way
  world.receive(one, tape.percent(15));
  if (tape.percent(10)) return; // committed, and the answer lost
  one.acknowledged = true;
  history.push({ op: 'webhook', phase: 'ok', shop, thread: one.thread, id: one.id, atMs: 0 });
}

type World = ReturnType<typeof createWorld>;

function createWorld() {
  const outbox: Appended[] = [];
  const log: (LogRecord & { event: Appended })[] = [];
  const inbound = new Map<string, Observations['inbound'][number]>();
  const versions = new Map<string, number>();
  const conversations = new Map<string, Conversation>();
  const messages = new Map<string, Observations['messages'][number] & { occurredAt: string }>();
  const facts = new Map<string, Fact>();
  const counters = new Map<string, Counter>();
  const taken = new Map<string, Set<string>>();
  const positions = new Map<string, number>();

  function append(
    event: Omit<Appended, 'seq' | 'eventId' | 'tenantId' | 'isPublished' | 'isCommitted'>,
    isLate = false,
  ): void {
    const seq = outbox.length + 1;
    outbox.push({ ...event, tenantId, seq, eventId: `e${seq}`, isCommitted: !isLate, isPublished: false });
  }

  /** Receipt, message and event in one transaction; the unique key decides. */
  function receive({ thread, id, at }: Said, isLate: boolean): void {
    if (inbound.has(id)) return;
    // The thread is locked until the transaction before has committed, so no two of its events are open at once.
    for (const event of outbox) if (event.key === thread && event.service === 'ingest') event.isCommitted = true;
    inbound.set(id, { accountId, externalId: id, messageId: `m ${id}`, conversationId: thread });
    const version = (versions.get(thread) ?? 0) + 1;
    versions.set(thread, version);
    const data = { conversationId: thread, messageId: `m ${id}`, direction: 'inbound', externalMessageId: id };
    const occurredAt = at.toISOString();
    append(
      {
        service: 'ingest',
        topic: 'ingest.inbound',
        key: thread,
        type: 'ingest.message-received',
        version,
        occurredAt,
        data,
      },
      isLate,
    );
  }

  function relay(tape: Tape): void {
    for (const service of ['ingest', 'conversation']) {
      const pending = outbox.filter((one) => one.service === service && one.isCommitted && !one.isPublished);
      const batch = pending.slice(0, batchSizeMax);
      for (const event of batch) {
        const position = log.filter(({ topic }) => topic === event.topic).length;
        const { topic, key, eventId, type } = event;
        log.push({ topic, partition: 0, position, key, eventId, type, event });
      }
      // It dies between publishing and marking: the batch comes again.
      if (tape.percent(15)) continue;
      for (const event of batch) event.isPublished = true;
    }
  }

  function consume(consumer: 'conversation.inbox' | 'analytics.inbox', tape: Tape): void {
    const topic = consumer === 'conversation.inbox' ? 'ingest.inbound' : 'conversation.conversation';
    const from = positions.get(consumer) ?? 0;
    const records = log.filter((one) => one.topic === topic).slice(from, from + 1 + tape.take(batchSizeMax));
    if (records.length === 0 || tape.percent(10)) return; // dies before its commit: nothing happened
    const seen = taken.get(consumer) ?? new Set();
    taken.set(consumer, seen);
    const fresh = records.filter(({ eventId }) => eventId !== null && !seen.has(eventId) && seen.add(eventId));
    const events = fresh.map(({ event }) => event);
    if (consumer === 'conversation.inbox') takeMessages(events);
    else count(facts, counters, events);
    if (tape.percent(15)) return; // dies behind its commit: the batch comes again
    positions.set(consumer, from + records.length);
  }

  function takeMessages(events: readonly Appended[]): void {
    for (const { key, data, occurredAt } of events) {
      const at = new Date(occurredAt);
      const id = String(data['messageId']);
      const text = `words of ${id}`;
      const next = addMessage(conversations.get(key) ?? newConversation(key, at), {
        direction: 'inbound',
        author: 'buyer',
        occurredAt: at,
        text,
      });
      conversations.set(key, next);
      const externalId = String(data['externalMessageId']);
      const shown = { tenantId, conversationId: key, accountId, id, externalId, direction: 'inbound', author: 'buyer' };
      messages.set(id, { ...shown, status: null, text, occurredAt });
      append({
        service: 'conversation',
        topic: 'conversation.conversation',
        key,
        type: 'conversation.message-added',
        version: next.version,
        occurredAt,
        data: { conversation: snapshotOf(next), messageId: id, direction: 'inbound', author: 'buyer' },
      });
    }
  }

  return {
    receive,
    relay,
    consume,
    commitLate: () => outbox.forEach((event) => void (event.isCommitted = true)),
    observe: (): Observations => ({
      ...nothingObserved,
      accounts: [{ id: accountId, tenantId, shop }],
      inbound: [...inbound.values()],
      analysed: [...inbound.values()].map(({ messageId }) => messageId),
      linked: [...conversations.keys()],
      conversations: [...conversations.values()].map((one) => ({ ...one })),
      messages: [...messages.values()].toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1)),
      outbox,
      log,
      processed: [...taken].flatMap(([consumer, ids]) => [...ids].map((eventId) => ({ consumer, eventId }))),
      groups: [...positions].map(([consumer, next]) => ({
        consumer,
        topic: consumer === 'conversation.inbox' ? 'ingest.inbound' : 'conversation.conversation',
        partition: 0,
        next,
      })),
      counters: shownCounters(counters),
    }),
  };
}

function count(facts: Map<string, Fact>, counters: Map<string, Counter>, events: readonly Appended[]): void {
  const latest = latestFacts(events.map(({ data, version }) => ({ ...(data['conversation'] as Fact), version })));
  const newer = latest.filter((fact) => fact.version > (facts.get(factKey(fact))?.version ?? 0));
  const replaced = newer.flatMap((fact) => facts.get(factKey(fact)) ?? []);
  for (const fact of newer) facts.set(factKey(fact), fact);
  for (const change of counterChanges(replaced, newer)) {
    const name = change.state;
    const before = counters.get(name);
    counters.set(name, {
      ...change,
      conversationCount: (before?.conversationCount ?? 0) + change.conversationCount,
      unreadMessageCount: (before?.unreadMessageCount ?? 0) + change.unreadMessageCount,
    });
  }
}

// The product brands its ids; here any text will do.
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
    assigneeId: null,
    unreadCount: 0,
    waitingSince: null,
    lastMessageAt: at,
    lastMessagePreview: null,
    lastInboundAt: null,
    version: 0,
    revision: 0,
    createdAt: at,
  };
}

function snapshotOf({ id, channel, state, unreadCount }: Conversation) {
  return { tenantId, conversationId: id, accountId, channel, state, unreadCount };
}

function shownCounters(counters: ReadonlyMap<string, Counter>): Observations['counters'] {
  return [...counters.values()]
    .filter(({ conversationCount, unreadMessageCount }) => conversationCount !== 0 || unreadMessageCount !== 0)
    .map((one) => ({ ...one, conversations: one.conversationCount, unread: one.unreadMessageCount }));
}
