import type * as original from '../../../../services/conversation/src/queue/queue.store.ts';

export * from '../../../../services/conversation/src/queue/queue.store.ts';

/** Nobody looks at the queue when a person gets room. */
export const wakeTeamsOf: typeof original.wakeTeamsOf = () => Promise.resolve();
