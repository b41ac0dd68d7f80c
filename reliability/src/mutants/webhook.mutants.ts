import type { Edit, Mutant } from './mutant.port.ts';

const ingest = 'services/ingest/src';

const receiptKey: Edit = {
  file: 'services/ingest/migrations/0001_ingest.sql',
  find: `  received_at  timestamptz not null,\n  primary key (tenant_id, account_id, delivery_key)\n`,
  replace: `  received_at  timestamptz not null\n`,
};

/** Faults on the way from a platform to the commit. */
export const webhookMutants: readonly Mutant[] = [
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
    caughtBy: {
      by: 'crash',
      at: ['webhook-stored@ingest:10', 'webhook-stored@ingest:10', 'webhook-stored@ingest:10'],
      check: 'I1',
    },
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
    name: 'a webhook that cannot be stored is acknowledged',
    edits: [
      {
        file: `${ingest}/webhook/webhook.route.ts`,
        find: `return refuse(reply.header('retry-after', '5'), 503, 'not_stored');`,
        replace: `return refuse(reply, 200, 'not_stored');`,
      },
    ],
    caughtBy: { by: 'disk', check: 'I1' },
  },
];
