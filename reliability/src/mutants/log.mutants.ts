import type { Mutant } from './mutant.port.ts';

const kit = 'packages/service-kit/src';

/** Faults of outbox, relay, log and consumers. */
export const logMutants: readonly Mutant[] = [
  {
    name: 'events of a type that only the next version knows are parked',
    edits: [
      {
        file: `${kit}/consumer/consumer.ts`,
        find: `    return type === undefined || spec.types.some(`,
        replace: `    return event === null || type === undefined || spec.types.some(`,
      },
    ],
    caughtBy: { by: 'upgrade', check: 'I10' },
  },
  {
    name: 'a field that only the next version knows breaks an event',
    edits: [
      {
        file: 'packages/contracts/src/events/ingest.ts',
        find: `orders the platform itself names with the message' }),\n  }),\n});\n`,
        replace: `orders the platform itself names with the message' }),\n  }, { additionalProperties: false }),\n});\n`,
      },
    ],
    caughtBy: { by: 'upgrade', check: 'I10' },
  },
  {
    name: 'the position is committed before the work',
    edits: [
      {
        file: `${kit}/broker/embedded-group.ts`,
        find: `      await onBatch({`,
        replace: `      await commitPosition(pool, group, memberId, lease, next, 'keep');\n      await onBatch({`,
      },
    ],
    caughtBy: { by: 'crash', at: ['batch-applied@conversation.inbox:3'], check: 'I7' },
  },
  {
    name: 'the position skips a record',
    edits: [
      {
        file: `${kit}/broker/embedded-group.ts`,
        find: `(records.at(-1)?.position ?? lease.position) + 1n;`,
        replace: `(records.at(-1)?.position ?? lease.position) + (records.length > 1 ? 2n : 1n);`,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I7' },
  },
  {
    name: 'the inbox is marked in a transaction of its own before the effect',
    edits: [
      {
        file: `${kit}/consumer/consumer.ts`,
        find: `    const fresh = await takeNew(
      trx,
      spec.name,
      ready.map(({ event }) => event.id),
    );`,
        replace: `    const fresh = await deps.db.asWorker((own) => takeNew(own, spec.name, ready.map(({ event }) => event.id)));`,
      },
    ],
    caughtBy: { by: 'crash', at: ['batch-applied@conversation.inbox:3'], check: 'I1' },
  },
  {
    name: 'the inbox does not decide',
    edits: [
      {
        file: `${kit}/consumer/consumer.ts`,
        find: `ready.filter(({ event }) => fresh.delete(event.id));`,
        replace: `ready;`,
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/consumer.int.test.ts',
      title: '300 events, each to two members at once, have 300 effects and no error',
    },
  },
  {
    name: 'the outbox is paged by its sequence',
    edits: [
      {
        file: `${kit}/outbox/relay.ts`,
        find: '`select event_id, topic, key, envelope::text, traceparent from outbox_event\n             where published_at is null order by seq limit ${batchSizeMax}`,\n    });\n    if (rows.length === 0) return 0;',
        replace:
          "`select seq, event_id, topic, key, envelope::text, traceparent from outbox_event\n             where seq > $1 order by seq limit ${batchSizeMax}`,\n      values: [lastSeq],\n    });\n    if (rows.length === 0) return 0;\n    lastSeq = Reflect.get(rows.at(-1), 'seq');",
      },
      {
        file: `${kit}/outbox/relay.ts`,
        find: `  let failures = 0;\n`,
        replace: `  let failures = 0;\n  let lastSeq = '0';\n`,
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/relay.int.test.ts',
      title: 'one of ours that commits late, with a lower seq, is not lost',
    },
  },
  {
    name: 'events are marked before they are published',
    edits: [
      {
        file: `${kit}/outbox/relay.ts`,
        find: `    crashPoint('outbox-read', service);\n`,
        replace: `    await client.query('update outbox_event set published_at = now() where event_id = any($1::uuid[])', [rows.map((row) => row.event_id)]);\n    crashPoint('outbox-read', service);\n`,
      },
    ],
    caughtBy: { by: 'crash', at: ['outbox-read@ingest:3'], check: 'I5' },
  },
  {
    name: 'the newest events are published first',
    edits: [
      {
        file: `${kit}/outbox/relay.ts`,
        find: 'where published_at is null order by seq limit',
        replace: 'where published_at is null order by seq desc limit',
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I3' },
  },
  {
    name: 'relays do not take turns',
    edits: [{ file: `${kit}/outbox/relay.ts`, find: `rows[0]?.held === true`, replace: `rows.length === 1` }],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/relay.int.test.ts',
      title: 'while the first one is in the middle of a batch, the second one asks for the lock and publishes nothing',
    },
  },
  {
    name: 'a member that lost its partition still commits',
    edits: [
      {
        file: `${kit}/broker/embedded-leases.ts`,
        find: `and owner_id = $4 and generation = $5`,
        replace: `and $4::uuid is not null and $5::bigint is not null`,
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/embedded.int.test.ts',
      title: 'a member whose lease was taken over finds its commit refused',
    },
  },
  {
    name: 'a parked event does not hold its key back',
    edits: [
      {
        file: `${kit}/consumer/dead-letters.ts`,
        find: `and replayed_at is null and is_blocking`,
        replace: `and replayed_at is null and is_blocking and false`,
      },
    ],
    caughtBy: {
      by: 'test',
      file: 'packages/service-kit/test/dead-letters.int.test.ts',
      title: 'later events of the key wait behind it, other keys go on, and the replay keeps the order',
    },
  },
];
