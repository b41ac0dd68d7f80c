import { expect, jest, test } from '@jest/globals';
import { startDueWork } from '../src/runtime/due-work.ts';
import { createLog } from '../src/runtime/log.ts';
import { createGate } from './support/gate.ts';

const log = createLog('test', 'silent');

/** A queue of numbers in place of table rows: claimed ones are removed. */
function queueOf(count: number) {
  const due = Array.from({ length: count }, (_, index) => index);
  const limits: number[] = [];
  return {
    due,
    limits,
    claim: async (limit: number) => {
      limits.push(limit);
      return due.splice(0, limit);
    },
  };
}

function startOn(
  claim: (limit: number) => Promise<number[]>,
  concurrencyMax: number,
  work: (item: number) => Promise<void>,
) {
  return startDueWork<number>({ name: 'test', pollMs: 5, concurrencyMax, claim, log, work });
}

test('works on everything, never more at once than allowed, and claims no more than it can work on', async () => {
  const { due, limits, claim } = queueOf(100);
  const done = Promise.withResolvers<void>();
  const worked: number[] = [];
  let atOnce = 0;
  let atOnceMax = 0;
  const work = startOn(claim, 4, async (item) => {
    atOnce += 1;
    atOnceMax = Math.max(atOnceMax, atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    worked.push(item);
    if (worked.length === 100) done.resolve();
  });
  await done.promise;
  await work.stop();
  expect(due).toEqual([]);
  expect(worked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(atOnceMax).toBe(4);
  expect(Math.max(...limits)).toBe(4);
});

test('stop waits for the current work and claims nothing more', async () => {
  const { due, claim } = queueOf(5);
  const gate = createGate();
  const worked: number[] = [];
  const work = startOn(claim, 2, async (item) => {
    await gate.pass();
    worked.push(item);
  });
  await gate.reached;
  let isStopped = false;
  const stopped = work.stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  gate.open();
  await stopped;
  expect(worked).toEqual([0, 1]);
  expect(due).toEqual([2, 3, 4]);
});

test('an item that fails does not stop the others', async () => {
  const { claim } = queueOf(6);
  const done = Promise.withResolvers<void>();
  const worked: number[] = [];
  const work = startOn(claim, 2, async (item) => {
    if (item % 2 === 0) throw new Error('this one fails');
    worked.push(item);
    if (worked.length === 3) done.resolve();
  });
  await done.promise;
  await work.stop();
  expect(worked).toEqual([1, 3, 5]);
});

test('a claim that fails is tried again, sooner after a nudge', async () => {
  const worked = Promise.withResolvers<number>();
  const refused = Promise.withResolvers<void>();
  let claims = 0;
  const work = startDueWork<number>({
    name: 'test',
    pollMs: 60_000,
    concurrencyMax: 2,
    claim: async () => {
      claims += 1;
      if (claims > 1) return claims === 2 ? [7] : [];
      refused.resolve();
      throw new Error('database away');
    },
    log,
    work: async (item) => worked.resolve(item),
  });
  await refused.promise;
  await new Promise((resolve) => setImmediate(resolve));
  work.nudge();
  work.nudge();
  await new Promise((resolve) => setImmediate(resolve));
  work.nudge();
  expect(await worked.promise).toBe(7);
  await work.stop();
});

test('idle work sleeps until its next row is due or a nudge comes', async () => {
  jest.useFakeTimers();
  const dueInMs = [4_000, null];
  let looks = 0;
  const work = startDueWork<never>({
    name: 'test',
    pollMs: 15_000,
    concurrencyMax: 1,
    log,
    claim: async () => {
      looks += 1;
      return [];
    },
    work: async () => undefined,
    nextDueInMs: async () => dueInMs.shift() ?? null,
  });
  const looksAfter = async (ms: number) => {
    await jest.advanceTimersByTimeAsync(ms);
    return looks;
  };
  expect([await looksAfter(3_999), await looksAfter(1), await looksAfter(14_999), await looksAfter(1)]).toEqual([
    1, 2, 2, 3,
  ]);
  work.nudge();
  expect(await looksAfter(0)).toBe(4);
  await work.stop();
  jest.useRealTimers();
});
