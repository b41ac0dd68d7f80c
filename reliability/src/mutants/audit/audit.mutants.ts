import type { Mutant } from '../mutant.port.ts';

/** Faults between a mutation and its entry on the audit chain. */
export const auditMutants: readonly Mutant[] = [
  {
    // The database gives the numbers: the hashes of the stale end do not fit them.
    name: 'the end of an audit chain is read before the work and never locked',
    standIns: ['audit/head-read-before.ts'],
    caughtBy: { by: 'load', load: 'contended', check: 'I11' },
  },
  {
    name: 'the audit entry of a reply has a transaction of its own',
    standIns: ['audit/entry-after-commit.ts'],
    caughtBy: { by: 'crash', at: ['audit-entry-written@conversation:3'], check: 'I11' },
  },
];
