import { eventually } from '@crossdesk/testkit';
import { until } from '@crossdesk/testkit/waiting';
import { describe, expect, test } from '@jest/globals';
import { type EventId, newId, type TenantId } from '@crossdesk/contracts';
import { GraphQLError, Kind, parse } from 'graphql';
import { cursorKey } from '../../test/gateway.ts';
import { createMemoryLog, type Place } from '../../test/memory-log.ts';
import { quietLog } from '../../test/services.ts';
import { storeCase } from '../../test/stream-cases.ts';
import { contextOf, person } from '../../test/tokens.ts';
import { defaultLimits } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { cursorsOf } from './cursor.ts';
import type { EventQuery } from './rewrite.ts';
import type { LiveAnswers } from './subscription.ts';

const who = person();
/** Two topics: the first has two partitions, the second six. */
const { stream: declared, places } = storeCase;
const beginning = storeCase.beginning(who.tenantId);
const cursorAt = (number: number, position: bigint): string =>
  cursorsOf(declared, cursorKey).encode(
    who.tenantId,
    places.map((_, at) => (at === number ? position : 0n)),
  );

const document = { text: '', hash: '', ast: parse('{ __typename }'), fragments: new Map(), operationOf: () => null };
const query: EventQuery = {
  document,
  responseKey: 'storeEvents',
  cursorKeys: ['cursor'],
  variableNames: [],
  field: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'storeEvents' } },
};

type Answer = (id: string) => Promise<object>;

const atOnce: Answer = async (id) => ({ id, cursor: null });

function placeAt(number: number): Place {
  const place = places[number];
  if (place === undefined) throw new Error(`the stream has no partition ${number}`);
  return place;
}

/** A separate stream over an empty log, with room for so many events that wait for one subscriber. */
function startStream(queuedEventsMax: number, answer = atOnce) {
  const log = createMemoryLog();
  const metrics = createGatewayMetrics();
  const running = declared.start({
    broker: log.broker,
    cursorKey,
    limits: { ...defaultLimits, queuedEventsMax },
    log: quietLog,
    metrics,
    answer: (events) =>
      Promise.all(
        events.map(async ({ id }) => ({
          question: { askedAtMs: 0 },
          result: { data: { storeEvents: await answer(id) } },
          answeredAtMs: 0,
        })),
      ),
  });
  return {
    log,
    metrics,
    stop: running.stop,
    publish: (number: number, tenantId: TenantId = who.tenantId): EventId =>
      log.publish(placeAt(number), storeCase.event(placeAt(number), { tenantId })),
    repeat: (number: number) => log.repeat(placeAt(number)),
    /** Resolves when everything on the log was passed to live subscribers. */
    handedOut: () => eventually(async () => expect(await running.lag()).toBe(0n)),
    open: (after: string | null): LiveAnswers =>
      running.subscribe({
        query,
        variables: {},
        context: contextOf(who),
        arguments: { after },
        onEnd: () => undefined,
      })(),
  };
}

function eventIn({ value }: IteratorResult<{ data?: unknown }, undefined>): { id: string; cursor: string } {
  expect(value).toBeDefined();
  return (value as { data: { storeEvents: { id: string; cursor: string } } }).data.storeEvents;
}

test('a subscriber who does not keep up is told to resume, and misses nothing after that', async () => {
  const { log, open, publish, handedOut, stop } = startStream(10);
  const slow = open(null);
  const first = slow.next();
  await until(() => log.readerCount() === 1);
  const ids = Array.from({ length: 40 }, () => publish(1));
  const seen = [eventIn(await first)];
  await handedOut();
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
  await stop();
});

test('catching up over a long history waits for the reader instead of ending the stream', async () => {
  const { log, open, publish, stop } = startStream(10);
  const ids = Array.from({ length: 500 }, () => publish(1));
  const stream = open(beginning);
  const seen: string[] = [];
  while (seen.length < 500) seen.push(eventIn(await stream.next()).id);
  expect(seen).toEqual(ids);
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  await stop();
});

test('many readers who reconnect at once are served from memory, each from their own place, even right after a start of the gateway', async () => {
  const { log, open, publish, stop } = startStream(100);
  const ids = Array.from({ length: 60 }, () => publish(1));
  const streams = ids.map((_, n) => open(cursorAt(1, BigInt(n))));
  const firsts = await Promise.all(streams.map((stream) => stream.next()));
  expect(firsts.map((first) => eventIn(first).id)).toEqual(ids);
  expect(log.readerCount()).toBe(1);
  const last = publish(4);
  const [first] = streams;
  const seen: string[] = [];
  while (seen.at(-1) !== last && first !== undefined) seen.push(eventIn(await first.next()).id);
  expect(seen).toEqual([...ids.slice(1), last]);
  expect(log.readerCount()).toBe(1);
  await Promise.all(streams.map((stream) => stream.return(undefined)));
  await stop();
});

test('a reader who was away for longer than the gateway remembers gets a separate tail', async () => {
  const { log, open, publish, stop } = startStream(10);
  const ids = Array.from({ length: 1_500 }, () => publish(1));
  const stream = open(beginning);
  const seen = [eventIn(await stream.next()).id];
  expect(log.readerCount()).toBe(2);
  while (seen.length < ids.length) seen.push(eventIn(await stream.next()).id);
  expect(seen).toEqual(ids);
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  await stop();
});

test('a quiet stream keeps its place up to date, so that its next cursor does not expire', async () => {
  const { log, open, publish, handedOut, stop } = startStream(10);
  const stream = open(beginning);
  const waiting = stream.next();
  await until(() => log.readerCount() === 1);
  for (let n = 0; n < 64; n += 1) publish(n % places.length, newId());
  await handedOut();
  publish(0);
  for (const place of places) log.forgetBefore(place, 8n);
  const { cursor } = eventIn(await waiting);
  const resumed = open(cursor);
  const id = publish(2);
  expect(eventIn(await resumed.next()).id).toBe(id);
  await Promise.all([stream.return(undefined), resumed.return(undefined)]);
  await stop();
});

test('a stream that waits ends at once when its client goes away, and leaves nothing running', async () => {
  const { log, metrics, open, stop } = startStream(10);
  const stream = open(null);
  const waiting = stream.next();
  await until(() => log.readerCount() === 1);
  await stream.return(undefined);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect((await metrics.subscriptions.get()).values[0]?.value).toBe(0);
  await stop();
  expect(log.readerCount()).toBe(0);
});

describe('an event that a relay published twice', () => {
  test('is shown once, live and to a reader who catches up', async () => {
    const { log, open, publish, repeat, handedOut, stop } = startStream(100);
    const live = open(null);
    const first = live.next();
    await until(() => log.readerCount() === 1);
    const once = publish(2);
    repeat(2);
    const last = publish(2);
    expect([eventIn(await first).id, eventIn(await live.next()).id]).toEqual([once, last]);
    await handedOut();
    const late = open(beginning);
    expect([eventIn(await late.next()).id, eventIn(await late.next()).id]).toEqual([once, last]);
    await live.return?.(undefined);
    await late.return?.(undefined);
    await stop();
  });

  test('is not shown again to a reader who resumes between its two copies, even right after a start of the gateway', async () => {
    const { open, publish, repeat, stop } = startStream(100);
    publish(2);
    repeat(2);
    const last = publish(2);
    const between = cursorAt(2, 1n);
    const resumed = open(between);
    expect(eventIn(await resumed.next()).id).toBe(last);
    await resumed.return?.(undefined);
    await stop();
  });
});

test('one query reads all waiting events, and starts after the query before it: of two queries at once, the later could show older data', async () => {
  const waiting: { id: string; give: (shown: object) => void }[] = [];
  const { log, open, publish, handedOut, stop } = startStream(
    100,
    (id) => new Promise((give) => waiting.push({ id, give })),
  );
  const stream = open(null);
  const first = stream.next();
  await until(() => log.readerCount() === 1);
  const ids = Array.from({ length: 3 }, () => publish(1));
  await handedOut();
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
  await stop();
});
