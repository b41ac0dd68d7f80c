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
import { strikesHere } from './nemesis/nemesis.ts';
import { stormRun } from './nemesis/storm-run.ts';
import type { Choice } from './profiles.ts';
import { blowsOn, recoverRun } from './recover/recover-run.ts';
import type { RunReport } from './run.ts';
import { modelsNamed, simulate, type SimulationResult } from './simulation/simulate.ts';
import { type KafkaServer, startKafkaServer } from './system/kafka-server.ts';
import { findFaketime, howToGetClock } from './system/process-clock.ts';
import { type Server, startServer } from './system/server.ts';
import type { Log } from './system/system.ts';
import { upgradeRun } from './upgrade/upgrade-run.ts';

export interface Found {
  readonly simulations: SimulationResult[];
  readonly runs: RunReport[];
  readonly mutants: MutantResult[];
  /** What was left out, and why. */
  readonly notRun: string[];
}

/** Runs all choices one after another, because each run needs the machine for itself. */
export async function runChoices(choices: readonly Choice[], found: Found, note: Note): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-reliability-runs-'));
  const needsServer = choices.some(({ kind }) => kind !== 'simulate');
  const server = needsServer ? await startServer() : null;
  const kafka = choices.some(wantsKafka) ? await kafkaFor(choices) : null;
  try {
    for (const choice of choices) {
      const log = choice.log === 'embedded' ? ({ kind: 'embedded' } as const) : kafka;
      const { kind, seed } = choice;
      if (kind === 'simulate') simulateAll(choice, found, note);
      else if (typeof log === 'string' || log === null) leaveOut(choice, log ?? '', found, note);
      else if (server !== null)
        await runners[kind](choice, { server, log, kafka, directory, seed }, reportTo(found, log, note));
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
 * A Kafka for the choices, or why there is none. It throws instead when the choices need nothing but Kafka, and in CI when
 * all that Kafka needs is installed.
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

function leaveOut({ kind }: Choice, reason: string, found: Found, note: Note): void {
  const what = `${kind} on Kafka: ${reason}`;
  found.notRun.push(what);
  note(`NOT RUN: ${what}`);
}

function simulateAll({ faults, seed, runs }: Choice, found: Found, note: Note): void {
  for (const model of (faults ?? ['']).flatMap(modelsNamed)) {
    const result = simulate(model, seed, runs);
    found.simulations.push(result);
    note(
      `simulation ${model.name}: ${result.runs} runs in ${result.tookMs} ms, ${result.violations.length} violations`,
    );
  }
}

interface Where {
  readonly server: Server;
  readonly log: Log;
  /** For mutants that need one; or why there is none. */
  readonly kafka: KafkaServer | string | null;
  readonly directory: string;
}

type Note = (line: string) => void;
type Runner = (choice: Choice, where: Where & Pick<Choice, 'seed'>, report: Report) => Promise<void>;

interface Report {
  readonly found: Found;
  readonly note: Note;
  /** Adds a run to what was found, and notes it. */
  run(report: RunReport): void;
}

const runners: Readonly<Record<Exclude<Choice['kind'], 'simulate'>, Runner>> = {
  load: async (_choice, where, report) => {
    for (const load of [repliesLoad, contendedLoad]) report.run(await loadRun({ ...where, load }));
  },
  crash: async ({ faults }, where, report) => {
    const points = faults ?? [...migrationPoints, ...crashPoints];
    const inMigrations = points.filter((point) => point.startsWith('migration-applied'));
    const others = points.filter((point) => !point.startsWith('migration-applied'));
    if (inMigrations.length > 0) report.run(await crashInMigrations(inMigrations, where));
    if (others.length > 0) report.run(await crashAt({ ...where, points: others }));
  },
  storm: async ({ faults, seconds, members }, where, report) => {
    const { kinds, leftOut } = strikesHere(where.log.kind, members);
    if (faults === null) leftOut.forEach(report.note);
    report.run(await smallestStorm({ ...where, members }, faults ?? kinds, seconds * 1_000, report.note));
  },
  clock: async (_choice, where, report) => {
    if (findFaketime() === null) report.note(`clock is LEFT OUT: ${howToGetClock}`);
    else report.run(await clockRun(where));
  },
  disk: async (_choice, where, report) => {
    const ran = await diskFullRun(where);
    if (ran === null) report.note(`disk is LEFT OUT: ${howToGetSmallDisk}`);
    else report.run(ran);
  },
  flood: async (_choice, where, report) => report.run(await floodRun(where)),
  hot: async (_choice, where, report) => report.run(await hotRun(where)),
  herd: async (_choice, where, report) => report.run(await herdRun(where)),
  recover: async ({ faults }, where, report) => {
    const blows = blowsOn(where.log).filter(({ kind }) => faults === null || faults.includes(kind));
    report.run(await recoverRun({ ...where, blows }));
  },
  upgrade: async (_choice, where, report) => report.run(await upgradeRun(where)),
  mutants: async ({ faults }, where, { found, note }) => {
    for (const mutant of mutantsNamed(faults)) {
      const result = await runMutant(mutant, { ...where, kafka: where.kafka ?? 'no Kafka was asked for' });
      found.mutants.push(result);
      note(`mutant "${mutant.name}": ${result.outcome}, ${Math.round(result.tookMs / 1_000)} s (${result.evidence})`);
    }
  },
};

function reportTo(found: Found, log: Log, note: Note): Report {
  return {
    found,
    note,
    run: (report) => {
      found.runs.push(report);
      const { name, acknowledged, replies, restarts, violations, tookMs } = report;
      note(
        `${name} on ${log.kind}: ${acknowledged} webhooks, ${replies} replies, ${restarts} restarts, ${violations.length} violations, ${Math.round(tookMs / 1_000)} s`,
      );
    },
  };
}

/** Runs a storm that breaks something again with half of its kinds of trouble, as long as the half still breaks it. */
async function smallestStorm(
  where: Omit<Parameters<typeof stormRun>[0], 'forMs' | 'kinds'>,
  kinds: readonly string[],
  forMs: number,
  note: Note,
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
