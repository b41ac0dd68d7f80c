import { LocalKafkaError, whyNoKafka } from '@crossdesk/local-kafka';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockRun } from './clock/clock-run.ts';
import { crashPoints, migrationPoints } from './crash/crash-points.ts';
import { crashAt } from './crash/crash-run.ts';
import { crashInMigrations } from './crash/migration-run.ts';
import { diskFullRun } from './disk/disk-run.ts';
import { howToGetSmallDisk } from './disk/small-disk.ts';
import { floodRun } from './flood/flood-run.ts';
import { herdRun } from './herd/herd-run.ts';
import { hotRun } from './hot/hot-run.ts';
import { contendedLoad, loadRun, repliesLoad } from './load/load-run.ts';
import { mutants } from './mutants/catalogue.ts';
import { type MutantResult, runMutant } from './mutants/mutant-run.ts';
import { memberStrikes } from './nemesis/member.strikes.ts';
import { strikesHere } from './nemesis/nemesis.ts';
import { stormRun } from './nemesis/storm-run.ts';
import { blowsOn, recoverRun } from './recover/recover-run.ts';
import type { RunReport } from './run.ts';
import { modelsNamed, simulate, type SimulationResult } from './simulation/simulate.ts';
import { type KafkaServer, startKafkaServer } from './system/kafka-server.ts';
import { findFaketime, howToGetClock } from './system/process-clock.ts';
import { type Server, startServer } from './system/server.ts';
import type { Log, LogKind } from './system/system.ts';
import { upgradeRun } from './upgrade/upgrade-run.ts';

export interface Choice {
  readonly kind:
    | 'simulate'
    | 'load'
    | 'crash'
    | 'storm'
    | 'clock'
    | 'disk'
    | 'flood'
    | 'hot'
    | 'herd'
    | 'recover'
    | 'upgrade'
    | 'mutants';
  readonly log: LogKind;
  /** Processes of each service in a storm on Kafka. */
  readonly members: number;
  readonly seed: number;
  /** Crash points, kinds of trouble, models or mutants, by name; null = all there are. */
  readonly faults: readonly string[] | null;
  readonly seconds: number;
  readonly runs: number;
}

export interface Found {
  readonly simulations: SimulationResult[];
  readonly runs: RunReport[];
  readonly mutants: MutantResult[];
  /** What was left out, and why. */
  readonly notRun: string[];
}

export type ProfileName = keyof typeof profiles;

const common = { log: 'embedded', members: 1, seed: 1, faults: null, seconds: 0, runs: 0 } as const;
/** One point of each kind of gap, and mutants that no seconds are wasted on. */
const ciPoints = [
  'migration-applied@ingest:1',
  'webhook-stored@ingest:10',
  'webhook-committed@ingest:10',
  'events-published@conversation:3',
  'batch-applied@conversation.inbox:3',
  'call-answered@ingest:2',
];
/** The same gaps where consumers and relays are on their own and commit to Kafka. */
const ciKafkaPoints = [
  'events-published@conversation:3',
  'batch-applied@crm.links:3',
  'batch-committed@conversation.inbox:3',
  'call-answered@ingest:2',
];
const ciMutants = mutants.filter(
  ({ name, caughtBy }) => caughtBy.by === 'simulation' || name === 'acknowledges before the commit',
);

/** What moves partitions, and what keeps batches in hand while they move. */
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

/** Does everything chosen, one after another: each run wants the machine for itself. */
export async function runChoice(choices: readonly Choice[], found: Found, note: (line: string) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-reliability-runs-'));
  const needsServer = choices.some(({ kind }) => kind !== 'simulate');
  const server = needsServer ? await startServer() : null;
  const kafka = choices.some(wantsKafka) ? await kafkaFor(choices) : null;
  try {
    for (const choice of choices) {
      const log = choice.log === 'embedded' ? ({ kind: 'embedded' } as const) : kafka;
      if (choice.kind === 'simulate') simulateAll(choice, found, note);
      else if (typeof log === 'string' || log === null) leaveOut(choice, log ?? '', found, note);
      else if (server !== null) await runOnServer(choice, { server, log, kafka, directory }, found, note);
    }
  } finally {
    if (typeof kafka !== 'string') await kafka?.stop();
    await server?.stop();
  }
}

function wantsKafka({ kind, log, faults }: Choice): boolean {
  if (kind !== 'mutants') return log === 'kafka';
  return mutantsNamed(faults).some(({ caughtBy }) => caughtBy.by === 'upgrade');
}

function mutantsNamed(names: readonly string[] | null) {
  return mutants.filter(({ name }) => names === null || names.includes(name));
}

/**
 * A Kafka for the choices, or why there is none. Who asked for nothing else, or has all it takes and runs in CI, gets an
 * error instead.
 */
async function kafkaFor(choices: readonly Choice[]): Promise<KafkaServer | string> {
  const reason = whyNoKafka();
  if (reason !== null && choices.some(({ log }) => log === 'embedded')) return reason;
  try {
    return await startKafkaServer();
  } catch (error) {
    if (!(error instanceof LocalKafkaError) || process.env['CI'] !== undefined) throw error;
    return error.message;
  }
}

function leaveOut({ kind }: Choice, reason: string, found: Found, note: (line: string) => void): void {
  const what = `${kind} on Kafka: ${reason}`;
  found.notRun.push(what);
  note(`NOT RUN: ${what}`);
}

function simulateAll({ faults, seed, runs }: Choice, found: Found, note: (line: string) => void): void {
  for (const model of (faults ?? ['']).flatMap(modelsNamed)) {
    const result = simulate(model, seed, runs);
    found.simulations.push(result);
    note(
      `simulation ${model.name}: ${result.runs} runs in ${result.tookMs} ms, ${result.violations.length} violations`,
    );
  }
}

async function runOnServer(
  { kind, seed, faults, seconds, members }: Choice,
  {
    server,
    log,
    kafka,
    directory,
  }: {
    readonly server: Server;
    readonly log: Log;
    readonly kafka: KafkaServer | string | null;
    readonly directory: string;
  },
  found: Found,
  note: (line: string) => void,
): Promise<void> {
  const where = { seed, server, directory, log };
  const noteRun = (report: RunReport): void => {
    found.runs.push(report);
    const { name, acknowledged, replies, restarts, violations, tookMs } = report;
    note(
      `${name} on ${log.kind}: ${acknowledged} webhooks, ${replies} replies, ${restarts} restarts, ${violations.length} violations, ${Math.round(tookMs / 1_000)} s`,
    );
  };
  switch (kind) {
    case 'load':
      for (const load of [repliesLoad, contendedLoad]) noteRun(await loadRun({ ...where, load }));
      return;
    case 'crash': {
      const points = faults ?? [...migrationPoints, ...crashPoints];
      const inMigrations = points.filter((point) => point.startsWith('migration-applied'));
      const others = points.filter((point) => !point.startsWith('migration-applied'));
      if (inMigrations.length > 0) noteRun(await crashInMigrations(inMigrations, where));
      if (others.length > 0) noteRun(await crashAt({ ...where, points: others }));
      return;
    }
    case 'storm': {
      const { kinds, leftOut } = strikesHere(log.kind, members);
      if (faults === null) leftOut.forEach(note);
      noteRun(await smallestStorm({ ...where, members }, faults ?? kinds, seconds * 1_000, note));
      return;
    }
    case 'clock':
      if (findFaketime() === null) note(`clock is LEFT OUT: ${howToGetClock}`);
      else noteRun(await clockRun(where));
      return;
    case 'disk': {
      const report = await diskFullRun(where);
      if (report === null) note(`disk is LEFT OUT: ${howToGetSmallDisk}`);
      else noteRun(report);
      return;
    }
    case 'flood':
      noteRun(await floodRun(where));
      return;
    case 'hot':
      noteRun(await hotRun(where));
      return;
    case 'herd':
      noteRun(await herdRun(where));
      return;
    case 'recover':
      noteRun(
        await recoverRun({
          ...where,
          blows: blowsOn(log).filter((blow) => faults === null || faults.includes(blow.kind)),
        }),
      );
      return;
    case 'upgrade':
      noteRun(await upgradeRun(where));
      return;
    case 'mutants':
      for (const mutant of mutantsNamed(faults)) {
        const result = await runMutant(mutant, { server, seed, directory, kafka: kafka ?? 'no Kafka was asked for' });
        found.mutants.push(result);
        note(`mutant "${mutant.name}": ${result.outcome}, ${Math.round(result.tookMs / 1_000)} s (${result.evidence})`);
      }
      return;
    case 'simulate':
  }
}

/** A storm that breaks something is run again with half of its kinds of trouble, as long as that still breaks it. */
async function smallestStorm(
  where: Omit<Parameters<typeof stormRun>[0], 'forMs' | 'kinds'>,
  kinds: readonly string[],
  forMs: number,
  note: (line: string) => void,
): Promise<RunReport> {
  const report = await stormRun({ ...where, kinds, forMs });
  if (report.violations.length === 0 || kinds.length === 1) return report;
  const middle = Math.ceil(kinds.length / 2);
  for (const half of [kinds.slice(0, middle), kinds.slice(middle)]) {
    note(`storm: ${report.violations[0]?.check} ${report.violations[0]?.what}; again with ${half.join(', ')} only`);
    const smaller = await smallestStorm(where, half, forMs, note);
    if (smaller.violations.length > 0) return { ...smaller, violations: [...report.violations, ...smaller.violations] };
  }
  return report;
}
