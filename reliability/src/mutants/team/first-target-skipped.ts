import * as original from '../../../../services/conversation/src/bulk/bulk-item.store.ts';

export * from '../../../../services/conversation/src/bulk/bulk-item.store.ts';

/** Begins a job with its second target. */
export const nextItems: typeof original.nextItems = (trx, job, limit) =>
  original.nextItems(trx, { ...job, nextSeq: Math.max(2, job.nextSeq) }, limit);
