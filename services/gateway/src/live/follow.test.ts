import { expect, test } from '@jest/globals';
import { until } from '@crossdesk/testkit/waiting';
import { newId, type TenantId } from '@crossdesk/contracts';
import { createEventQueue } from './event-queue.ts';
import { follow } from './follow.ts';
import type { LiveRecord } from './live-record.ts';
import type { OnRecords } from './shared-tail.ts';

const tenantId = newId<TenantId>();
const record = (position: bigint): LiveRecord<null> => ({
  partition: 0,
  position,
  event: { id: newId(), tenantId, facts: null },
});

/** A log of one partition whose two tails move only when the test says so. */
function createSteppedLog(sharedPlace: bigint, remembered: readonly LiveRecord<null>[] | null = null) {
  let place = sharedPlace;
  let onShared: OnRecords<null> | null = null;
  let onOwn: ((records: readonly LiveRecord<null>[]) => Promise<void>) | null = null;
  const events: Parameters<typeof follow<null>>[0] = {
    place: () => [place],
    recent: async () => remembered,
    listen(onRecords) {
      onShared = onRecords;
      return () => (onShared = null);
    },
    async tail(_from, onRecords) {
      onOwn = onRecords;
      return { problem: () => null, stop: async () => void (onOwn = null) };
    },
  };
  return {
    events,
    stepShared(records: readonly LiveRecord<null>[]) {
      place = (records.at(-1)?.position ?? 0n) + 1n;
      onShared?.(records);
    },
    stepOwn: async (records: readonly LiveRecord<null>[]) => onOwn?.(records),
    isLive: () => onShared !== null,
    hasOwnTail: () => onOwn !== null,
  };
}

test('a tail that runs ahead of the shared one hands over without a duplicate', async () => {
  const log = createSteppedLog(2n);
  const queue = createEventQueue({ from: [0n], lengthMax: 100, isWanted: () => true });
  const stop = follow(log.events, [0n], queue, 50);
  await until(log.hasOwnTail);
  const records = [0n, 1n, 2n, 3n, 4n].map(record);
  await log.stepOwn(records.slice(0, 4));
  expect([log.isLive(), log.hasOwnTail()]).toEqual([true, false]);
  log.stepShared(records.slice(2, 3));
  log.stepShared(records.slice(3));
  const taken = [];
  while (queue.length() > 0) taken.push((await queue.take())?.event.id);
  expect(taken).toEqual(records.map(({ event }) => event?.id));
  await stop();
  expect(log.isLive()).toBe(false);
});

test('no record is taken from the shared tail while it is ahead', async () => {
  const log = createSteppedLog(2n);
  const queue = createEventQueue({ from: [0n], lengthMax: 100, isWanted: () => true });
  const stop = follow(log.events, [0n], queue, 50);
  await until(log.hasOwnTail);
  const records = [0n, 1n, 2n, 3n].map(record);
  await log.stepOwn(records.slice(0, 1));
  log.stepShared(records.slice(2, 3));
  await log.stepOwn(records.slice(1, 2));
  expect(log.isLive()).toBe(false);
  await log.stepOwn(records.slice(2, 3));
  expect(log.isLive()).toBe(true);
  log.stepShared(records.slice(3));
  const taken = [];
  while (queue.length() > 0) taken.push((await queue.take())?.event.id);
  expect(taken).toEqual(records.map(({ event }) => event?.id));
  await stop();
});

test('a position without a record does not keep the gateway busy: the reader passes it with a separate tail', async () => {
  const log = createSteppedLog(1n, []);
  const queue = createEventQueue({ from: [0n], lengthMax: 100, isWanted: () => true });
  const stop = follow(log.events, [0n], queue, 50);
  await until(log.hasOwnTail);
  await log.stepOwn([record(1n)]);
  expect([log.isLive(), log.hasOwnTail()]).toEqual([true, false]);
  await stop();
});
