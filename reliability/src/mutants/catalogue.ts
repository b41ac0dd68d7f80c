import type { Edit, Mutant } from './mutant.port.ts';

const kit = 'packages/service-kit/src';
const ingest = 'services/ingest/src';
const conversation = 'services/conversation/src';

const receiptKey: Edit = {
  file: 'services/ingest/migrations/0001_ingest.sql',
  find: `  received_at  timestamptz not null,\n  primary key (tenant_id, account_id, delivery_key)\n`,
  replace: `  received_at  timestamptz not null\n`,
};

/** Faults that other systems have had, each built into a copy of this one. */
export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledges before the commit',
    edits: [
      {
        file: `${ingest}/webhook/webhook.route.ts`,
        find: `await groupCommit.accept(delivery);`,
        replace: `groupCommit.accept(delivery).catch(() => undefined);`,
      },
    ],
    // A group that is killed may hold only what was not answered yet: three of them do not.
    caughtBy: { by: 'crash', at: ['k3@ingest:10', 'k3@ingest:10', 'k3@ingest:10'], check: 'I1' },
  },
  {
    name: 'no unique key on receipts',
    edits: [receiptKey],
    caughtBy: { by: 'load', load: 'replies', check: 'I2' },
  },
  {
    name: 'receipts are looked up and then inserted',
    edits: [
      receiptKey,
      {
        file: `${ingest}/webhook/receipt.store.ts`,
        find: `as n (tenant_id, account_id, delivery_key, raw_id, received_at)
      order by`,
        replace: `as n (tenant_id, account_id, delivery_key, raw_id, received_at)
      where not exists (select from webhook_receipt r where r.tenant_id = n.tenant_id and r.account_id = n.account_id
        and r.delivery_key = n.delivery_key)
      order by`,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I2' },
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
    caughtBy: { by: 'crash', at: ['k9@conversation.inbox:3'], check: 'I7' },
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
    caughtBy: { by: 'crash', at: ['k9@conversation.inbox:3'], check: 'I1' },
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
        find: `    crashPoint('k6', service);\n`,
        replace: `    await client.query('update outbox_event set published_at = now() where event_id = any($1::uuid[])', [rows.map((row) => row.event_id)]);\n    crashPoint('k6', service);\n`,
      },
    ],
    caughtBy: { by: 'crash', at: ['k6@ingest:3'], check: 'I5' },
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
    name: 'the key of the client is not looked at',
    edits: [
      {
        file: `${conversation}/message/send-message.commands.ts`,
        find: `    if (earlier !== null) return accept(earlier);\n`,
        replace: ``,
      },
      {
        file: `${conversation}/message/send-message.commands.ts`,
        find: `    if (first !== null) return accept(first);\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply is repeated under another key',
    edits: [
      {
        file: `${ingest}/channels/generic/generic.messages.ts`,
        find: `signedHeaders(context.account, message.messageId, now, body)`,
        replace: `signedHeaders(context.account, crypto.randomUUID(), now, body)`,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply of unknown outcome is sent again unseen',
    edits: [
      {
        file: `${ingest}/delivery/delivery.domain.ts`,
        find: `  return 'read back';`,
        replace: `  return notExecuted;`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a reply in doubt does not recognise itself',
    edits: [
      {
        file: `${ingest}/inbound/echo.domain.ts`,
        find: `  if (inDoubt !== undefined) return { kind: 'settles', reply: inDoubt };\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'replies overtake each other',
    edits: [
      {
        file: `${ingest}/delivery/delivery.store.ts`,
        find: `          and (e.status = 'sending' or`,
        replace: `          and false and (e.status = 'sending' or`,
      },
    ],
    caughtBy: { by: 'load', load: 'contended', check: 'I3' },
  },
  {
    name: 'a message on its way does not hold back what comes from the console',
    edits: [
      {
        file: `${ingest}/inbound/echo.domain.ts`,
        find: `? { kind: 'hold' } : { kind: 'elsewhere' }`,
        replace: `? { kind: 'elsewhere' } : { kind: 'elsewhere' }`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I2' },
  },
  {
    name: 'a renewed token is not recognised',
    edits: [
      {
        file: `${ingest}/account/account.domain.ts`,
        find: `return JSON.stringify(current) !== JSON.stringify(used);`,
        replace: `return JSON.stringify(current) === '' + JSON.stringify(used) + '.';`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'tokens', check: 'I6' },
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
    name: 'a late reporter settles the next attempt',
    edits: [
      {
        file: `${ingest}/delivery/delivery.domain.ts`,
        find: `  if (report.attempt !== undefined && report.attempt !== known.attempts && report.status !== 'sent') return null;\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
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
