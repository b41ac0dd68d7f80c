import { expect, test } from '@jest/globals';
import { createKafkaBatches } from '../src/broker/kafka-batches.ts';
import type { EachBatchPayload } from '../src/broker/kafkajs.ts';
import { createLog } from '../src/runtime/log.ts';

/** One record as kafkajs hands it over. */
function payload(): EachBatchPayload {
  const message = { offset: '7', key: Buffer.from('k'), value: Buffer.from('{}'), headers: {} };
  const given = {
    batch: { topic: 'crm.link', partition: 2, messages: [message] },
    resolveOffset: () => undefined,
    commitOffsetsIfNecessary: async () => undefined,
    heartbeat: async () => undefined,
    isRunning: () => true,
    isStale: () => false,
    pause: () => () => undefined,
  };
  return given as unknown as EachBatchPayload;
}

test('a partition that fails counts until the member joins its group again: it may be another’s then', async () => {
  const spec = {
    ...{ group: 'test', topics: new Map([['crm.link', 'crm.link'] as const]), batchSizeMax: 10 },
    ...{ partitionsAtOnceMax: 1, commits: true, closed: new AbortController().signal },
    log: createLog('test', 'silent'),
  };
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
