import { memberStrikes } from './nemesis/member.strikes.ts';
import { mutants } from './mutants/catalogue.ts';
import type { LogKind } from './system/system.ts';

export const kinds = [
  'simulate',
  'load',
  'crash',
  'storm',
  'clock',
  'disk',
  'flood',
  'hot',
  'herd',
  'recover',
  'upgrade',
  'mutants',
] as const;

/** One kind of run with its settings. */
export interface Choice {
  readonly kind: (typeof kinds)[number];
  readonly log: LogKind;
  /** Processes of each service in a storm on Kafka. */
  readonly members: number;
  readonly seed: number;
  /** Names of crash points, kinds of trouble, models or mutants; null = all of them. */
  readonly faults: readonly string[] | null;
  readonly seconds: number;
  readonly runs: number;
}

export type ProfileName = keyof typeof profiles;

const common = { log: 'embedded', members: 1, seed: 1, faults: null, seconds: 0, runs: 0 } as const;
/** One crash point of each kind, and the mutants that take little time. */
const ciPoints = [
  'migration-applied@ingest:1',
  'webhook-stored@ingest:10',
  'webhook-committed@ingest:10',
  'events-published@conversation:3',
  'batch-applied@conversation.inbox:3',
  'call-answered@ingest:2',
];
/** The same kinds where consumers and relays are processes of their own and commit to Kafka. */
const ciKafkaPoints = [
  'events-published@conversation:3',
  'batch-applied@crm.links:3',
  'batch-committed@conversation.inbox:3',
  'call-answered@ingest:2',
];
const ciMutants = mutants.filter(
  ({ name, caughtBy }) => caughtBy.by === 'simulation' || name === 'acknowledges before the commit',
);

/** Trouble that moves partitions, and trouble that keeps batches under way while they move. */
const groupStrikes = [...Object.keys(memberStrikes), 'database slow', 'answer to COMMIT lost', 'token expired'];

export const profiles = {
  /** At most five minutes. */
  ci: [
    { ...common, kind: 'simulate', runs: 2_000 },
    { ...common, kind: 'crash', faults: ciPoints },
    { ...common, kind: 'recover' },
    { ...common, kind: 'crash', log: 'kafka', faults: ciKafkaPoints },
    { ...common, kind: 'mutants', faults: ciMutants.map(({ name }) => name) },
  ],
  night: [
    { ...common, kind: 'simulate', runs: 10_000 },
    { ...common, kind: 'load' },
    { ...common, kind: 'load', log: 'kafka' },
    { ...common, kind: 'crash' },
    { ...common, kind: 'crash', log: 'kafka' },
    { ...common, kind: 'storm', seconds: 100 },
    { ...common, kind: 'storm', seconds: 100, seed: 2 },
    { ...common, kind: 'storm', log: 'kafka', seconds: 120, seed: 3 },
    { ...common, kind: 'storm', log: 'kafka', members: 2, faults: groupStrikes, seconds: 150, seed: 5 },
    { ...common, kind: 'storm', log: 'kafka', members: 2, seconds: 150, seed: 6 },
    { ...common, kind: 'clock' },
    { ...common, kind: 'disk' },
    { ...common, kind: 'disk', seed: 2 },
    { ...common, kind: 'flood' },
    { ...common, kind: 'recover' },
    { ...common, kind: 'recover', log: 'kafka' },
    { ...common, kind: 'hot' },
    { ...common, kind: 'upgrade', log: 'kafka' },
    { ...common, kind: 'herd', log: 'kafka' },
    { ...common, kind: 'hot', log: 'kafka' },
    { ...common, kind: 'upgrade' },
    { ...common, kind: 'herd' },
    { ...common, kind: 'mutants' },
  ],
} as const satisfies Record<string, readonly Choice[]>;
