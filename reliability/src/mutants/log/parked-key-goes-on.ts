import type * as original from '../../../../packages/service-kit/src/consumer/dead-letters.ts';

export * from '../../../../packages/service-kit/src/consumer/dead-letters.ts';

/** Finds no key with a parked event. */
export const parkedKeys: typeof original.parkedKeys = async () => new Set();
