import { expect, test } from '@jest/globals';
import { createHashingQueue } from './hashing-queue.ts';

const limits = {
  runningMax: 1,
  waitingMax: 6,
  waitingPerLaneMax: 3,
  waitingPerNetworkMax: 4,
  waitingMsMax: 60_000,
};

/** A queue whose only place is taken until `release`. */
function busyQueue(changes: Partial<typeof limits> = {}) {
  const queue = createHashingQueue({ ...limits, ...changes });
  const done: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = queue.run({ lane: 'first', network: 'first' }, () => promise);
  const ask = (lane: string, network: string = lane) =>
    queue.run({ lane, network }, async () => {
      done.push(lane);
      return lane;
    });
  return { ask, done, release: () => (resolve(), first) };
}

test('workspaces take turns: a crowd in one does not make another wait', async () => {
  const { ask, done, release } = busyQueue();
  const asked = [ask('crowd', 'a'), ask('crowd', 'b'), ask('crowd', 'c'), ask('small')];
  await release();
  expect(await Promise.all(asked)).toEqual(['crowd', 'crowd', 'crowd', 'small']);
  expect(done).toEqual(['crowd', 'small', 'crowd', 'crowd']);
});

test('what is too much for a workspace, a network or the queue is refused at once, and the rest is done', async () => {
  const { ask, release } = busyQueue();
  const ofLane = ['a', 'b', 'c', 'd'].map((network) => ask('one', network));
  const ofNetwork = [ask('two', 'a'), ask('three', 'a'), ask('four', 'a'), ask('five', 'a')];
  const ofAll = ask('six');
  expect(await Promise.all([ofLane[3], ofNetwork[3], ofAll])).toEqual([null, null, null]);
  await release();
  expect(await Promise.all(ofLane)).toEqual(['one', 'one', 'one', null]);
  expect(await Promise.all(ofNetwork)).toEqual(['two', 'three', 'four', null]);
});

test('who waits too long gives up, and their work is never done', async () => {
  const { ask, done, release } = busyQueue({ waitingMsMax: 1 });
  expect(await ask('late')).toBeNull();
  await release();
  expect(await ask('next')).toBe('next');
  expect(done).toEqual(['next']);
});

test('work that fails gives its place back', async () => {
  const queue = createHashingQueue(limits);
  const asker = { lane: 'a', network: 'a' };
  await expect(queue.run(asker, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
  expect(await queue.run(asker, async () => 'done')).toBe('done');
});
