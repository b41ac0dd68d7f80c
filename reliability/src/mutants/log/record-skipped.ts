import * as original from '../../../../packages/service-kit/src/broker/embedded-read.ts';

export * from '../../../../packages/service-kit/src/broker/embedded-read.ts';

/** Leaves out the first record when there are several. */
export const readRecords: typeof original.readRecords = async (pool, from, limit) =>
  (await original.readRecords(pool, from, limit)).map((records) => (records.length > 1 ? records.slice(1) : records));
