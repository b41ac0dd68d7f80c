import fc from 'fast-check';
import type { Violation } from '../checkers/checker.port.ts';
import { type Model, models } from './models.ts';

export interface SimulationResult {
  readonly model: string;
  readonly seed: number;
  readonly runs: number;
  readonly tookMs: number;
  /** Violations by the smallest tape that breaks something; empty when no tape did. */
  readonly violations: readonly Violation[];
  readonly tape: readonly number[] | null;
}

const tapeLengthMax = 250;

/** Runs a model on many tapes. A tape that breaks an invariant is made as small as possible. */
export function simulate(model: Model, seed: number, runs: number): SimulationResult {
  const startedAt = performance.now();
  const tapes = fc.array(fc.nat(9_999), { maxLength: tapeLengthMax, size: 'max' });
  const { numRuns, counterexample } = fc.check(
    fc.property(tapes, (tape) => model.run(tape).length === 0),
    { seed, numRuns: runs },
  );
  const tape = counterexample?.[0] ?? null;
  return {
    model: model.name,
    seed,
    runs: numRuns,
    tookMs: Math.round(performance.now() - startedAt),
    violations: tape === null ? [] : model.run(tape),
    tape,
  };
}

export function modelsNamed(prefix: string): Model[] {
  const chosen = models.filter(({ name }) => name.startsWith(prefix));
  if (chosen.length === 0)
    throw new Error(`there is no model ${prefix}; there are ${models.map(({ name }) => name).join(', ')}`);
  return chosen;
}
