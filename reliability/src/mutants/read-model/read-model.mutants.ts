import type { Mutant } from '../mutant.port.ts';

/** Faults in what people read, and in who may read it. */
export const readModelMutants: readonly Mutant[] = [
  {
    name: 'the tenant is set for the connection instead of the transaction',
    standIns: ['read-model/tenant-of-connection.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/tenancy.int.test.ts',
      title: 'leaves nothing behind on its pooled connection',
    },
  },
  {
    name: 'the conversation service reports an erasure without making it',
    standIns: ['read-model/messages-not-erased.ts'],
    caughtBy: { by: 'crash', at: ['erasure-step-committed@conversation:1'], check: 'erasure' },
  },
  {
    name: 'the conversation service does not erase its history',
    standIns: ['read-model/history-not-erased.ts'],
    caughtBy: { by: 'crash', at: ['erasure-step-committed@conversation:1'], check: 'erasure' },
  },
  {
    name: 'conversations are read without a lock',
    standIns: ['read-model/conversations-not-locked.ts'],
    caughtBy: { by: 'load', load: 'contended', check: 'I3' },
  },
  {
    name: 'the facts of a batch count in the order they come',
    standIns: ['read-model/first-fact-counts.ts'],
    caughtBy: { by: 'simulation', model: 'pipeline', check: 'I12' },
  },
  {
    name: 'counters take an older version for news',
    standIns: ['read-model/older-version-counts.ts'],
    caughtBy: {
      by: 'test',
      file: 'services/analytics/test/counting.int.test.ts',
      title: 'events in any order, repeated, and in batches of any size give the same counts as a recount',
    },
  },
];
