import { join } from 'node:path';
import { checkAll } from './checkers/check-all.ts';
import { type Violation, violation } from './checkers/checker.port.ts';
import { type Pace, pacesIn } from './checkers/pace.checker.ts';
import { type HerdReturn, type History, openHistory, operations } from './history.ts';
import { followLive } from './load/follow-live.ts';
import { applyLoad, type LoadOptions, readAsPeople } from './load/load.ts';
import { nothingObserved } from './observations.ts';
import { whileItGoesOn } from './system/in-time.ts';
import { observe } from './system/observe.ts';
import { waitForQuiet } from './system/quiet.ts';
import { startSampling } from './system/sample.ts';
import type { Variant } from './stand-ins/stand-in.ts';
import type { Server } from './system/server.ts';
import { type Log, type LogKind, startSystem, type System } from './system/system.ts';

export interface Recovery {
  readonly kind: string;
  readonly targetMs: number;
  readonly tookMs: number;
}

/** What one run found, for the report. */
export interface RunReport {
  readonly name: string;
  readonly seed: number;
  readonly log: LogKind;
  readonly violations: readonly Violation[];
  /** Faults that struck, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly replies: number;
  readonly executed: number;
  readonly restarts: number;
  /** From the end of load and faults until the system was quiet. */
  readonly recoveryMs: number | null;
  /** Times from a fault until a message that was written right after it was shown. */
  readonly recoveries: readonly Recovery[];
  /** How long a quiet tenant waited, alone and beside a hot one. */
  readonly paces: readonly Pace[];
  /** How herds of subscribers came back. */
  readonly herds: readonly HerdReturn[];
  readonly tookMs: number;
  /** The command that runs it again. */
  readonly repeat: string;
}

export interface RunSpec {
  readonly name: string;
  readonly seed: number;
  readonly server: Server;
  readonly variant?: Variant;
  readonly log: Log;
  readonly directory: string;
  readonly load: LoadOptions;
  readonly repeat: string;
  readonly crashAt?: readonly string[];
  readonly syncEverySeconds?: number;
  readonly hasOwnClock?: boolean;
  readonly members?: number;
  /** Makes trouble and starts as many loads as it needs. The run goes on when it resolves. */
  readonly trouble: (
    system: System,
    history: History,
    load: (seed: number) => Promise<void>,
  ) => Promise<readonly Violation[]>;
  readonly quietWithinMs?: number;
}

const quietWithinDefaultMs = 60_000;
const loadStuckAfterMs = 120_000;

/** Starts the system, puts load on it, makes trouble, waits until it is quiet, and checks every invariant. */
export async function run(spec: RunSpec): Promise<RunReport> {
  const startedAt = performance.now();
  const directory = join(spec.directory, `${spec.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${spec.log.kind}-${spec.seed}`);
  const history = openHistory(join(directory, 'history.jsonl'));
  const system = await startSystem({
    ...spec,
    directory,
    seed: String(spec.seed),
    crashAt: spec.crashAt ?? [],
  });
  const stopSampling = startSampling(system, history);
  try {
    const quietWithinMs = spec.quietWithinMs ?? quietWithinDefaultMs;
    const live = await followLive(system, history);
    const load = (seed: number): Promise<void> =>
      whileItGoesOn(
        applyLoad(system, history, { ...spec.load, seed }),
        () => operations(history.entries, 'webhook').length + operations(history.entries, 'reply').length,
        loadStuckAfterMs,
        'the load did not end',
      );
    // A loss may be the reason why the trouble could not go on, so everything is checked anyway.
    const found = await spec.trouble(system, history, load).catch((error: unknown) => [couldNotGoOn(error)]);
    system.twin.faults.clear();
    noteStruck(system, history);
    await waitForQuiet(system, history, quietWithinMs);
    await live.stop(quietWithinMs);
    await waitForQuiet(system, history, quietWithinMs);
    await readAsPeople(system, history);
    const canaries = operations(history.entries, 'erasure').map(({ canary }) => canary);
    const seen = await observe(system, [...new Set(canaries)]);
    const violations = [...found, ...checkAll(history.entries, seen)];
    return {
      ...summary(spec, history, system),
      executed: seen.executed.length,
      violations,
      tookMs: elapsed(startedAt),
    };
  } catch (error) {
    const violations = [
      couldNotGoOn(error),
      ...checkAll(history.entries, nothingObserved).filter(({ check }) => check === 'I9'),
    ];
    return { ...summary(spec, history, system), executed: 0, violations, tookMs: elapsed(startedAt) };
  } finally {
    stopSampling();
    await system.stop();
  }
}

/** A run that cannot be finished is a finding, too: something did not recover. */
function couldNotGoOn(error: unknown): Violation {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return violation('I9', 'wrong', `the run could not go on: ${what.slice(0, 600)}`);
}

/** Adds the faults that the platforms have counted. */
function noteStruck({ twin }: System, history: History): void {
  for (const [fault, times] of Object.entries(twin.faults.struck()))
    for (let n = 0; n < times; n += 1) history.add({ op: 'fault', kind: `platform: ${fault}`, detail: '' });
}

function elapsed(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

function summary(spec: RunSpec, { entries }: History, system: System) {
  const faults: Record<string, number> = {};
  for (const { kind } of operations(entries, 'fault')) faults[kind] = (faults[kind] ?? 0) + 1;
  const promised = (op: 'webhook' | 'reply') =>
    operations(entries, op).flatMap((one) => (one.phase === 'ok' ? [one.op === 'reply' ? one.text : one.id] : []));
  const [first] = operations(entries, 'quiet');
  return {
    name: spec.name,
    seed: spec.seed,
    log: spec.log.kind,
    faults,
    acknowledged: new Set(promised('webhook')).size,
    replies: new Set(promised('reply')).size,
    restarts: system.processes.reduce((sum, { restarts }) => sum + restarts, 0),
    recoveryMs: first === undefined || first.tookMs === null ? null : Math.round(first.tookMs),
    recoveries: operations(entries, 'recovery').map(({ kind, targetMs, tookMs }) => ({
      kind,
      targetMs,
      tookMs: Math.round(tookMs),
    })),
    paces: pacesIn(entries),
    herds: operations(entries, 'herd'),
    repeat: spec.repeat,
  };
}
