import type { Mutant } from '../mutant.port.ts';

/** Faults of outbox, relay, log and consumers. */
export const logMutants: readonly Mutant[] = [
  {
    name: 'events of a type that only the next version knows are parked',
    standIns: ['log/unknown-types-parked.ts'],
    caughtBy: { by: 'upgrade', check: 'I10' },
  },
  {
    name: 'a field that only the next version knows breaks an event',
    standIns: ['log/unknown-fields-refused.ts'],
    caughtBy: { by: 'upgrade', check: 'I10' },
  },
  {
    name: 'the position is committed before the work',
    standIns: ['log/position-before-work.ts'],
    caughtBy: { by: 'crash', at: ['batch-applied@conversation.inbox:3'], check: 'I7' },
  },
  {
    name: 'the position skips a record',
    standIns: ['log/record-skipped.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I7' },
  },
  {
    name: 'the inbox is marked in a transaction of its own before the effect',
    standIns: ['log/inbox-marked-first.ts'],
    caughtBy: { by: 'crash', at: ['batch-applied@conversation.inbox:3'], check: 'I1' },
  },
  {
    name: 'the inbox does not decide',
    standIns: ['log/inbox-ignored.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/consumer.int.test.ts',
      title: '100 events, each to two members at once, have 100 effects and no error',
    },
  },
  {
    name: 'the outbox is paged by its sequence',
    standIns: ['log/outbox-paged-by-sequence.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/relay.int.test.ts',
      title: 'one of ours that commits late, with a lower seq, is not lost',
    },
  },
  {
    name: 'events are marked before they are published',
    standIns: ['log/marked-before-published.ts'],
    caughtBy: { by: 'crash', at: ['outbox-read@ingest:3'], check: 'I5' },
  },
  {
    name: 'the newest events are published first',
    standIns: ['log/newest-first.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I3' },
  },
  {
    name: 'relays do not take turns',
    standIns: ['log/relays-without-turns.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/relay.int.test.ts',
      title: 'while the first one publishes a batch, the second one asks for the lock and publishes nothing',
    },
  },
  {
    name: 'a member that lost its partition still commits',
    standIns: ['log/commit-after-loss.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/embedded.int.test.ts',
      title: 'a member whose lease was taken over commits nothing',
    },
  },
  {
    name: 'a parked event does not hold its key back',
    standIns: ['log/parked-key-goes-on.ts'],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/dead-letters.int.test.ts',
      title: 'later events of the key wait behind it, other keys continue, and the replay keeps the order',
    },
  },
];
