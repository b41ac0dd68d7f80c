import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type ChannelAccountId, newId } from '@crossdesk/contracts';
import { adapters } from '../channels/registry.ts';
import { createQuota } from './quota.ts';

const store = { id: newId<ChannelAccountId>(), channel: 'shopee' } as const;
const hourMs = 3_600_000;
const { sendsPerSecondMax } = adapters.shopee.capabilities;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

async function sendsTaken(quota: ReturnType<typeof createQuota>): Promise<number> {
  let taken = 0;
  while (await quota.take(store)) taken += 1;
  return taken;
}

test('a store may send as much a second as its channel allows, and then waits for the next second', async () => {
  const quota = createQuota(adapters);
  expect(await sendsTaken(quota)).toBe(sendsPerSecondMax);
  expect(quota.paused()).toEqual([store.id]);
  jest.advanceTimersByTime(1_000);
  expect(quota.paused()).toEqual([]);
  expect(await sendsTaken(quota)).toBe(sendsPerSecondMax);
});

test('a clock that is set back by an hour keeps no store waiting for an hour', async () => {
  const quota = createQuota(adapters);
  expect(await quota.take(store)).toBe(true);
  jest.setSystemTime(Date.now() - hourMs);
  expect(await sendsTaken(quota)).toBe(sendsPerSecondMax - 1);
  jest.advanceTimersByTime(1_000);
  expect(quota.paused()).toEqual([]);
  expect(await sendsTaken(quota)).toBe(sendsPerSecondMax);
});
