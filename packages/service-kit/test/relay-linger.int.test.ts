import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { type Relay, startRelay } from '../src/outbox/relay.ts';
import { openProbe, type Probe } from './support/probe.ts';

let probe: Probe;
let relay: Relay;
/** The number of events published together, batch by batch. */
let batches: number[];

beforeAll(async () => {
  probe = await openProbe();
});
afterAll(() => probe.close());

/** Only timers are faked, and their time passes only when the test says so: databases and sockets work as usual. */
beforeEach(() => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setInterval'],
  });
  batches = [];
});
afterEach(async () => {
  jest.useRealTimers();
  await relay.stop();
  await probe.forgetEverything();
});

function openRelay(): void {
  const { outbox, workerUrl, harness } = probe;
  const publish = async (batch: readonly unknown[]) => void batches.push(batch.length);
  relay = startRelay({ service: 'probe', workerUrl, broker: { publish }, outbox, log: harness.deps.log });
}

async function append(count: number): Promise<void> {
  await probe.db.asWorker(async (trx) => {
    for (let at = 0; at < count; at += 1) await probe.append(trx, newId());
  });
  probe.outbox.nudge();
}

/** Advances the timers, and gives the work they start a round trip to Postgres. */
async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await probe.admin.query('select');
}

/** Whether the relay has queried pending events and got the answer. */
async function hasLooked(): Promise<boolean> {
  const { rowCount } = await probe.admin.query(
    `select from pg_stat_activity where datname = current_database() and state = 'idle' and query like '%from outbox_event%'`,
  );
  return rowCount === 1;
}

test('a single event is published at once', async () => {
  openRelay();
  while (!(await hasLooked())) await pass(0);
  await append(1);
  while (batches.length === 0) await pass(0);
  expect(batches).toEqual([1]);
});

test.each([
  ['few', 7, 25],
  ['a stream of', 8, 100],
  ['a stream of', 63, 100],
  ['as many as fill a batch by themselves:', 64, 25],
])('after %s %i, events within %i ms are published together', async (_, count, lingerMs) => {
  await append(count);
  openRelay();
  while (batches.length === 0) await pass(0);
  await append(1);
  for (let passedMs = 1; passedMs < lingerMs; passedMs += 1) await pass(1);
  expect(batches).toEqual([count]);
  await append(2);
  while (batches.length === 1) await pass(1);
  expect(batches).toEqual([count, 3]);
});
