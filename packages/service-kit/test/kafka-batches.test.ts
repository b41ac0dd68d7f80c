import { expect, test } from '@jest/globals';
import { createKafkaBatches } from '../src/broker/kafka-batches.ts';
import type { EachBatchPayload } from '../src/broker/kafkajs.ts';
import { createLog } from '../src/runtime/log.ts';
import { createGate } from './support/gate.ts';

/** One record of a partition, as kafkajs hands it over. */
function payload(partition = 2): EachBatchPayload {
  const message = { offset: '7', key: Buffer.from('k'), value: Buffer.from('{}'), headers: {} };
  const given = {
    batch: { topic: 'crm.link', partition, messages: [message] },
    resolveOffset: () => undefined,
    commitOffsetsIfNecessary: async () => undefined,
    heartbeat: async () => undefined,
    isRunning: () => true,
    isStale: () => false,
    pause: () => () => undefined,
  };
  return given as unknown as EachBatchPayload;
}

const spec = {
  ...{ group: 'test', topics: new Map([['crm.link', 'crm.link'] as const]), batchSizeMax: 10 },
  ...{ batchesAtOnceMax: 1, commits: true, closed: new AbortController().signal },
  log: createLog('test', 'silent'),
};

test('what is fetched during a batch is the next one; a partition that failed is tried alone', async () => {
  const gate = createGate();
  const seen: number[][] = [];
  const batches = createKafkaBatches(
    spec,
    async ({ records }) => {
      seen.push(records.map(({ partition }) => partition));
      if (seen.length === 1) await gate.pass();
      if (seen.length === 2) throw new Error('not now');
    },
    () => undefined,
  );
  const first = batches.eachBatch(payload(0));
  await gate.reached;
  const others = [1, 2, 3].map((partition) => batches.eachBatch(payload(partition)));
  gate.open();
  await Promise.all([first, ...others]);
  await Promise.all([0, 1, 2, 3].map((partition) => batches.eachBatch(payload(partition))));
  batches.stop();
  expect(seen).toEqual([[0], [1, 2, 3], [0], [1], [2], [3]]);
});

test('a partition that fails counts until the member joins its group again: it may be another’s then', async () => {
  const batches = createKafkaBatches(
    spec,
    () => Promise.reject(new Error('not now')),
    () => undefined,
  );
  await batches.eachBatch(payload());
  expect(batches.areFailing()).toBe(true);
  batches.joined();
  expect(batches.areFailing()).toBe(false);
  batches.stop();
});
