import { describe, expect, test } from '@jest/globals';
import { type ConversationId, newId, topics } from '@crossdesk/contracts';
import { GraphQLError, Kind, parse } from 'graphql';
import { createMemoryLog } from '../../test/memory-log.ts';
import { quietLog } from '../../test/services.ts';
import { contextOf, person } from '../../test/tokens.ts';
import { until } from '../../test/until.ts';
import { defaultLimits } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { encodeCursor } from './cursor.ts';
import { createInboxLog } from './inbox-log.ts';
import { type InboxStream, openInboxStream } from './inbox-stream.ts';
import type { EventQuery } from './rewrite.ts';

const who = person();
const conversationId = newId<ConversationId>();
const beginningVector = Array<bigint>(topics['conversation.conversation'].partitions).fill(0n);
const beginning = encodeCursor(beginningVector);

const document = { text: '', hash: '', ast: parse('{ __typename }'), fragments: new Map(), operationOf: () => null };
const field = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'inboxEvents' } } as const;
const query: EventQuery = {
  subscription: document,
  document,
  responseKey: 'inboxEvents',
  cursorKeys: ['cursor'],
  variableNames: [],
  field,
};

type Answer = (id: string) => Promise<object>;

const atOnce: Answer = async (id) => ({ id, cursor: null });

function createStreams(queuedEventsMax: number, answer = atOnce) {
  const log = createMemoryLog();
  const inbox = createInboxLog(log.broker, quietLog);
  const limits = { ...defaultLimits, queuedEventsMax };
  const metrics = createGatewayMetrics();
  return {
    log,
    inbox,
    metrics,
    open: (after: string | null): InboxStream =>
      openInboxStream(
        {
          inbox,
          limits,
          log: quietLog,
          metrics,
          answer: (events) =>
            Promise.all(
              events.map(async ({ id }) => ({
                question: { askedAtMs: 0 },
                result: { data: { inboxEvents: await answer(id) } },
                answeredAtMs: 0,
              })),
            ),
        },
        {
          query,
          variables: {},
          context: contextOf(who),
          after,
          conversationId: null,
          kinds: null,
        },
      ),
  };
}

function eventIn({ value }: IteratorResult<{ data?: unknown }, undefined>): { id: string; cursor: string } {
  expect(value).toBeDefined();
  return (value as { data: { inboxEvents: { id: string; cursor: string } } }).data.inboxEvents;
}

test('a subscriber who does not keep up is told to resume, and then misses nothing', async () => {
  const { log, open, inbox } = createStreams(10);
  const slow = open(null);
  const first = slow.next();
  await until(() => log.readerCount() === 1);
  const ids = Array.from({ length: 40 }, () => log.publish(1, { tenantId: who.tenantId, conversationId }));
  const seen = [eventIn(await first)];
  await until(() => inbox.place()[1] === 40n);
  let end: unknown = null;
  while (end === null) {
    try {
      seen.push(eventIn(await slow.next()));
    } catch (cause) {
      end = cause;
    }
  }
  expect(end).toBeInstanceOf(GraphQLError);
  expect((end as GraphQLError).extensions).toEqual({ code: 'SLOW_CONSUMER', limit: 10, unit: 'events' });
  expect(seen.length).toBeLessThan(20);
  expect(await slow.next()).toEqual({ done: true, value: undefined });

  const again = open(seen.at(-1)?.cursor ?? null);
  while (seen.length < 40) seen.push(eventIn(await again.next()));
  expect(seen.map(({ id }) => id)).toEqual(ids);
  await again.return(undefined);
  await inbox.stop();
});

test('catching up over a long history waits for the reader instead of giving up on him', async () => {
  const { log, open, inbox } = createStreams(10);
  const ids = Array.from({ length: 500 }, () => log.publish(1, { tenantId: who.tenantId, conversationId }));
  const stream = open(beginning);
  const seen: string[] = [];
  while (seen.length < 500) seen.push(eventIn(await stream.next()).id);
  expect(seen).toEqual(ids);
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  await inbox.stop();
});

test('many who come back at once share what the gateway remembers, each from his own place, also when it has just started', async () => {
  const { log, open, inbox } = createStreams(100);
  const ids = Array.from({ length: 60 }, () => log.publish(1, { tenantId: who.tenantId, conversationId }));
  const streams = ids.map((_, n) => open(encodeCursor(beginningVector.with(1, BigInt(n)))));
  const firsts = await Promise.all(streams.map((stream) => stream.next()));
  expect(firsts.map((first) => eventIn(first).id)).toEqual(ids);
  expect(log.readerCount()).toBe(1);
  const last = log.publish(4, { tenantId: who.tenantId, conversationId });
  const [first] = streams;
  const seen: string[] = [];
  while (seen.at(-1) !== last && first !== undefined) seen.push(eventIn(await first.next()).id);
  expect(seen).toEqual([...ids.slice(1), last]);
  expect(log.readerCount()).toBe(1);
  await Promise.all(streams.map((stream) => stream.return(undefined)));
  await inbox.stop();
});

test('who was away for longer than the gateway remembers reads the log himself', async () => {
  const { log, open, inbox } = createStreams(10);
  const ids = Array.from({ length: 1_500 }, () => log.publish(1, { tenantId: who.tenantId, conversationId }));
  const stream = open(beginning);
  const seen = [eventIn(await stream.next()).id];
  expect(log.readerCount()).toBe(2);
  while (seen.length < ids.length) seen.push(eventIn(await stream.next()).id);
  expect(seen).toEqual(ids);
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  await inbox.stop();
});

test('a quiet stream keeps its place fresh, so that its next cursor does not expire', async () => {
  const { log, open, inbox } = createStreams(10);
  const stream = open(beginning);
  const waiting = stream.next();
  await until(() => log.readerCount() === 1);
  for (let n = 0; n < 50; n += 1) log.publish(n % 6, { tenantId: newId(), conversationId });
  await until(() => inbox.place().every((next) => next >= 8n));
  log.publish(0, { tenantId: who.tenantId, conversationId });
  for (let partition = 0; partition < 6; partition += 1) log.forgetBefore(partition, 8n);
  const { cursor } = eventIn(await waiting);
  const resumed = open(cursor);
  const id = log.publish(2, { tenantId: who.tenantId, conversationId });
  expect(eventIn(await resumed.next()).id).toBe(id);
  await Promise.all([stream.return(undefined), resumed.return(undefined)]);
  await inbox.stop();
});

test('a stream that waits ends at once when its client goes away, and leaves nothing running', async () => {
  const { log, open, inbox, metrics } = createStreams(10);
  const stream = open(null);
  const waiting = stream.next();
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect((await metrics.subscriptions.get()).values[0]?.value).toBe(0);
  await inbox.stop();
  expect(log.readerCount()).toBe(0);
});

describe('an event that a relay published twice', () => {
  test('is shown once, live and to who catches up', async () => {
    const { log, open, inbox } = createStreams(100);
    const live = open(null);
    const first = live.next();
    await until(() => log.readerCount() === 1);
    const event = { tenantId: who.tenantId, conversationId };
    const once = log.publish(2, event);
    log.repeat(2);
    const last = log.publish(2, event);
    expect([eventIn(await first).id, eventIn(await live.next()).id]).toEqual([once, last]);
    await until(() => inbox.place()[2] === 3n);
    const late = open(beginning);
    expect([eventIn(await late.next()).id, eventIn(await late.next()).id]).toEqual([once, last]);
    await live.return?.(undefined);
    await late.return?.(undefined);
    await inbox.stop();
  });

  test('is not shown again to who resumes between its two copies, also at a gateway that has just started', async () => {
    const { log, open, inbox } = createStreams(100);
    const event = { tenantId: who.tenantId, conversationId };
    log.publish(2, event);
    log.repeat(2);
    const last = log.publish(2, event);
    const between = encodeCursor(beginningVector.with(2, 1n));
    const resumed = open(between);
    expect(eventIn(await resumed.next()).id).toBe(last);
    await resumed.return?.(undefined);
    await inbox.stop();
  });
});

test('what waits is asked for together, once the question before was answered: an answer tells of now, and must not be older', async () => {
  const waiting: { id: string; give: (shown: object) => void }[] = [];
  const { log, open, inbox } = createStreams(100, (id) => new Promise((give) => waiting.push({ id, give })));
  const stream = open(null);
  const first = stream.next();
  await until(() => log.readerCount() === 1);
  const ids = Array.from({ length: 3 }, () => log.publish(1, { tenantId: who.tenantId, conversationId }));
  await until(() => inbox.place()[1] === 3n);
  const answerAll = () => {
    const asked = waiting.splice(0);
    for (const { id, give } of asked) give({ id, cursor: null });
    return asked.map(({ id }) => id);
  };
  await until(() => waiting.length > 0);
  const together = answerAll();
  expect(eventIn(await first).id).toBe(ids[0]);
  const seen: unknown[] = [ids[0]];
  while (seen.length < 3) {
    const next = stream.next();
    if (seen.length === together.length) {
      await until(() => waiting.length > 0);
      expect(answerAll()).toEqual(ids.slice(seen.length));
    } else expect(waiting).toEqual([]);
    seen.push(eventIn(await next).id);
  }
  expect(seen).toEqual(ids);
  await stream.return(undefined);
  await inbox.stop();
});
