import type { Mutant } from '../mutant.port.ts';

/** Faults in what brings work to people, in its clocks, and in what is done to many at once. */
export const teamMutants: readonly Mutant[] = [
  {
    name: 'nobody looks at the queue when a person gets room',
    standIns: ['team/wakes-lost.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'routing' },
  },
  {
    name: 'the queue gives to people who are off duty',
    standIns: ['team/off-duty-counts.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'routing' },
  },
  {
    name: 'whoever takes a conversation gets it, whoever has it',
    standIns: ['team/taken-from-owner.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'routing' },
  },
  {
    name: 'a clock forgets what it has told',
    standIns: ['team/clocks-tell-again.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'sla' },
  },
  {
    name: 'a bulk job begins with its second target',
    standIns: ['team/first-target-skipped.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'bulk' },
  },
];
