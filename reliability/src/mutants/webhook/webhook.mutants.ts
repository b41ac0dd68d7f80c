import type { Mutant } from '../mutant.port.ts';

/** Faults on the way from a platform to the commit. */
export const webhookMutants: readonly Mutant[] = [
  {
    name: 'acknowledges before the commit',
    standIns: ['webhook/acknowledged-before-commit.ts'],
    // A group that is killed may hold only what was not answered yet: three of them do not.
    caughtBy: {
      by: 'crash',
      at: ['webhook-stored@ingest:10', 'webhook-stored@ingest:10', 'webhook-stored@ingest:10'],
      check: 'I1',
    },
  },
  {
    name: 'no unique key on receipts',
    standIns: ['webhook/no-key-on-receipts.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I2' },
  },
  {
    name: 'receipts are looked up and then inserted',
    standIns: ['webhook/no-key-on-receipts.ts', 'webhook/looked-up-then-inserted.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I2' },
  },
  {
    name: 'a webhook that cannot be stored is acknowledged',
    standIns: ['webhook/failure-acknowledged.ts'],
    caughtBy: { by: 'disk', check: 'I1' },
  },
];
