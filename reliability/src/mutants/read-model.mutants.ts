import type { Mutant } from './mutant.port.ts';

const kit = 'packages/service-kit/src';
const conversation = 'services/conversation/src';

/** Faults in what people read, and in who may read it. */
export const readModelMutants: readonly Mutant[] = [
  {
    name: 'the tenant is set for the connection instead of the transaction',
    edits: [
      {
        file: `${kit}/db/database.ts`,
        find: "set_config('app.tenant_id', ${tenantId}, true)",
        replace: "set_config('app.tenant_id', ${tenantId}, false)",
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/tenancy.int.test.ts',
      title: 'leaves nothing behind on its pooled connection',
    },
  },
  {
    name: 'the conversation service reports an erasure without making it',
    edits: [
      {
        file: `${conversation}/consumers/on-buyer-erased.ts`,
        find: `await eraseMessages(trx, tenantId, conversation.id)`,
        replace: `0`,
      },
    ],
    caughtBy: { by: 'crash', at: ['erasure-step-committed@conversation:1'], check: 'erasure' },
  },
  {
    name: 'the conversation service does not erase its history',
    edits: [
      {
        file: `${conversation}/consumers/on-buyer-erased.ts`,
        find: `...(await eraseHistory(trx, tenantId, [conversation.id])),`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'crash', at: ['erasure-step-committed@conversation:1'], check: 'erasure' },
  },
  {
    name: 'conversations are read without a lock',
    edits: [
      {
        file: `${conversation}/conversation/conversation.store.ts`,
        find: `order by c.tenant_id, c.id for update of c`,
        replace: `order by c.tenant_id, c.id`,
      },
    ],
    caughtBy: { by: 'load', load: 'contended', check: 'I3' },
  },
  {
    name: 'the facts of a batch count in the order they come',
    edits: [
      {
        file: 'services/analytics/src/inbox/inbox.domain.ts',
        find: `known === undefined || known.version < fact.version`,
        replace: `known === undefined`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'pipeline', check: 'I12' },
  },
  {
    name: 'counters take an older version for news',
    edits: [
      {
        file: 'services/analytics/src/consumers/on-conversation.ts',
        find: `fact.version > (counted.get(factKey(fact))?.version ?? 0)`,
        replace: `fact.version > 0`,
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'services/analytics/test/counting.int.test.ts',
      title: 'events in any order, repeated, in batches of any size count like a recount',
    },
  },
];
