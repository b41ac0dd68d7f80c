import { expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { createEventQueue } from './event-queue.ts';
import type { LiveRecord } from './live-record.ts';

const tenantId = newId<TenantId>();

function record(partition: number, position: bigint, owner = tenantId): LiveRecord<null> {
  return { partition, position, event: { id: newId(), tenantId: owner, facts: null } };
}

function createQueue(from: readonly bigint[] = [0n, 0n], lengthMax = 10) {
  return createEventQueue({ from, lengthMax, isWanted: (event) => event.tenantId === tenantId });
}

test('records that come a second time, from another tail, are dropped', async () => {
  const queue = createQueue([5n, 0n]);
  queue.offer([record(0, 4n), record(0, 5n), record(0, 6n)]);
  queue.offer([record(0, 5n), record(0, 6n), record(0, 7n), record(1, 0n)]);
  const vectors = [await queue.take(), await queue.take(), await queue.take(), await queue.take()].map(
    (taken) => taken?.vector,
  );
  expect(vectors).toEqual([
    [6n, 0n],
    [7n, 0n],
    [8n, 0n],
    [8n, 1n],
  ]);
  expect(queue.length()).toBe(0);
});

test('a record that is not shown advances the place, but never past an event that still waits', async () => {
  const queue = createQueue();
  const stranger = newId<TenantId>();
  queue.offer([
    record(1, 0n, stranger),
    record(0, 0n),
    record(1, 1n, stranger),
    record(0, 1n, stranger),
    record(1, 2n),
    record(1, 3n, stranger),
  ]);
  expect((await queue.take())?.vector).toEqual([1n, 1n]);
  expect((await queue.take())?.vector).toEqual([2n, 3n]);
  queue.offer([record(0, 2n)]);
  expect((await queue.take())?.vector).toEqual([3n, 4n]);
});

test('a queue that overflows returns its events and then fails', async () => {
  const queue = createQueue([0n, 0n], 2);
  queue.offer([record(0, 0n), record(0, 1n), record(0, 2n), record(0, 3n)]);
  expect((await queue.take())?.vector).toEqual([1n, 0n]);
  expect((await queue.take())?.vector).toEqual([2n, 0n]);
  await expect(queue.take()).rejects.toThrow('more than 2 events wait');
});

test('closing ends a waiting take', async () => {
  const queue = createQueue();
  const waiting = queue.take();
  queue.close();
  expect(await waiting).toBeNull();
});

test('of events that tell the same, the next one and the latest are kept, and a cursor never passes one that was not shown', async () => {
  const queue = createEventQueue<null>({ from: [0n, 0n], lengthMax: 2, isWanted: () => true, keepsLatest: true });
  const records = [record(0, 0n), record(1, 0n), record(0, 1n), record(1, 1n), record(0, 2n)];
  queue.offer(records);
  expect(queue.length()).toBe(2);
  const shown = [await queue.take(), await queue.take()];
  expect(shown.map((one) => one?.event.id)).toEqual([records[0]?.event?.id, records[4]?.event?.id]);
  expect(shown.map((one) => one?.vector)).toEqual([
    [1n, 0n],
    [3n, 2n],
  ]);
  queue.offer([record(1, 2n)]);
  expect((await queue.take())?.vector).toEqual([3n, 3n]);
});
