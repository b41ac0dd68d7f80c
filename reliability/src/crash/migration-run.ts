import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Violation, violation } from '../checkers/checker.port.ts';
import type { RunReport } from '../run.ts';
import { startArmed } from '../system/on-embedded.ts';
import { migrateArmed } from '../system/on-kafka.ts';
import type { CrashRunSpec } from './crash-run.ts';

const readyWithinMs = 120_000;

/**
 * Kills the process that migrates in the middle of the migrations of each schema: the first start, or on Kafka the migrate job.
 * The next start must finish them.
 */
export async function crashInMigrations(
  points: readonly string[],
  { seed, server, log, directory }: Omit<CrashRunSpec, 'points'>,
): Promise<RunReport> {
  const startedAt = performance.now();
  const violations: Violation[] = [];
  let crashes = 0;
  for (const point of points) {
    const where = join(directory, point.replaceAll(/[^a-z0-9]+/g, '-'));
    const place = { server, directory: where, clock: null };
    const starting = log.kind === 'kafka' ? migrateArmed(place, point) : startArmed(place, point);
    const process = await Promise.race([starting, pause(readyWithinMs, null, { ref: false })]);
    if (process === null) violations.push(violation('I9', 'wrong', `not ready after a crash at ${point}`));
    else if (process.crashes.length === 0) violations.push(violation('I9', 'wrong', `the start did not pass ${point}`));
    else crashes += 1;
    await process?.stop();
  }
  return {
    name: `crash in ${points.length} migrations`,
    seed,
    log: log.kind,
    violations,
    faults: { 'crash migration-applied': crashes },
    acknowledged: 0,
    replies: 0,
    executed: 0,
    restarts: crashes,
    recoveryMs: null,
    recoveries: [],
    paces: [],
    herds: [],
    tookMs: Math.round(performance.now() - startedAt),
    repeat: `pnpm reliability crash --log ${log.kind} --seed ${seed} --faults ${points.join(',')}`,
  };
}
