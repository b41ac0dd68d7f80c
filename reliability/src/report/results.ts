import { grouped } from '../checkers/checker.port.ts';
import type { MutantResult } from '../mutants/mutant-run.ts';
import type { RunReport } from '../run.ts';
import type { SimulationResult } from '../simulation/simulate.ts';

/** What one call of the command has found. */
export interface Results {
  readonly at: string;
  readonly profile: string;
  readonly node: string;
  readonly cores: number;
  readonly loadBefore: number;
  readonly tookMs: number;
  readonly simulations: readonly SimulationResult[];
  readonly runs: readonly RunReport[];
  readonly mutants: readonly MutantResult[];
  /** What was left out, and why. */
  readonly notRun: readonly string[];
}

export interface Totals {
  readonly faults: Readonly<Record<string, number>>;
  readonly faultCount: number;
  readonly acknowledged: number;
  readonly replies: number;
  readonly executed: number;
  readonly restarts: number;
  readonly lost: number;
  readonly doubled: number;
  readonly inverted: number;
  readonly wrong: number;
  readonly recoveryMs: readonly number[];
}

export function totalsOf({ runs }: Pick<Results, 'runs'>): Totals {
  const faults: Record<string, number> = {};
  for (const run of runs)
    for (const [kind, times] of Object.entries(run.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  const sum = (of: (run: RunReport) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const found = (kind: string): number => sum(({ violations }) => violations.filter((one) => one.kind === kind).length);
  return {
    faults,
    faultCount: Object.values(faults).reduce((total, times) => total + times, 0),
    acknowledged: sum((run) => run.acknowledged),
    replies: sum((run) => run.replies),
    executed: sum((run) => run.executed),
    restarts: sum((run) => run.restarts),
    lost: found('lost'),
    doubled: found('doubled'),
    inverted: found('inverted'),
    wrong: found('wrong'),
    recoveryMs: runs.flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs])).toSorted((a, b) => a - b),
  };
}

/** The totals as rows of a table. */
export function rowsOfTotals(totals: Totals): [string, string][] {
  const { recoveryMs } = totals;
  const median = recoveryMs[Math.floor(recoveryMs.length / 2)];
  const counts: [string, number][] = [
    ['faults', totals.faultCount],
    ['restarts of a process', totals.restarts],
    ['webhooks acknowledged', totals.acknowledged],
    ['replies accepted', totals.replies],
    ['replies executed by platforms', totals.executed],
    ['lost', totals.lost],
    ['doubled', totals.doubled],
    ['inverted', totals.inverted],
    ['wrong otherwise', totals.wrong],
  ];
  return [
    ...counts.map(([name, count]): [string, string] => [name, String(count)]),
    [
      'back to quiet: median, longest',
      median === undefined ? '-' : `${seconds(median)}, ${seconds(recoveryMs.at(-1) ?? 0)}`,
    ],
  ];
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export interface RecoveryTime {
  readonly kind: string;
  readonly times: number;
  readonly medianMs: number;
  readonly worstMs: number;
  readonly targetMs: number;
}

/** Times to recover, by kind of fault and log. */
export function recoveryTimes({ runs }: Pick<Results, 'runs'>): RecoveryTime[] {
  const all = grouped(
    runs.flatMap(({ log, recoveries }) => recoveries.map((one) => ({ ...one, kind: `${one.kind}, ${log}` }))),
    ({ kind }) => kind,
  );
  return [...all].map(([kind, some]) => {
    const sorted = some.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
    return {
      kind,
      times: sorted.length,
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      worstMs: sorted.at(-1) ?? 0,
      targetMs: Math.min(...some.map(({ targetMs }) => targetMs)),
    };
  });
}

/** One line for each failure. */
export function failuresOf({ simulations, runs, mutants }: Results): string[] {
  return [
    ...simulations.flatMap(({ model, seed, violations, tape }) =>
      violations
        .slice(0, 3)
        .map(
          ({ check, what }) =>
            `${model}: ${check} ${what}\n    repeat: pnpm reliability simulate --faults ${model} --seed ${seed}, tape ${JSON.stringify(tape)}`,
        ),
    ),
    ...runs.flatMap(({ name, log, violations, repeat }) =>
      violations.length === 0
        ? []
        : [
            ...violations.slice(0, 5).map(({ check, what }) => `${name} on ${log}: ${check} ${what}`),
            `    ${violations.length} violations; repeat: ${repeat}`,
          ],
    ),
    ...mutants
      .filter(({ outcome }) => outcome !== 'caught')
      .map(({ mutant, outcome, evidence }) => `mutant "${mutant}" ${outcome}: ${evidence}`),
  ];
}
