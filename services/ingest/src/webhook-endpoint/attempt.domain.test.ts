import { expect, test } from '@jest/globals';
import { answerOf, circuitAfter, failuresUntilOpen, nextAttemptAt } from './attempt.domain.ts';

const start = new Date('2026-03-01T00:00:00.000Z');
const minute = 60_000;
const hour = 60 * minute;

/** The times of all attempts after the first, in milliseconds, if no attempt is taken. */
function attemptsMs(chance: number): number[] {
  const at: number[] = [];
  let now = start;
  for (let attempts = 1; ; attempts += 1) {
    const next = nextAttemptAt({ attempts, pendingSince: start }, now, chance);
    if (next === null) return at;
    at.push(next.getTime() - start.getTime());
    now = next;
  }
}

test('the pauses grow from seconds to half a day, and the last attempt is at the end of 72 hours', () => {
  const pauses = attemptsMs(0.5).map((at, n, all) => at - (all[n - 1] ?? 0));
  expect(pauses.slice(0, 5)).toEqual([5_000, 30_000, 2 * minute, 10 * minute, 30 * minute]);
  expect(pauses.slice(5, -1)).toEqual([1, 2, 4, 8, 12, 12, 12, 12].map((hours) => hours * hour));
  expect(attemptsMs(0.5).at(-1)).toBe(72 * hour);
});

test.each([0, 0.3, 1])('with the spread %s the times differ by a fifth at most, and end at the same time', (chance) => {
  const [first] = attemptsMs(chance);
  expect(first).toBeCloseTo(5_000 * (0.8 + 0.4 * chance));
  expect(attemptsMs(chance).at(-1)).toBe(72 * hour);
});

test('twenty failures in a row open the circuit; each failed probe waits longer, up to an hour; one success closes it', () => {
  let circuit: ReturnType<typeof circuitAfter> = { failuresInRow: 0, probeAt: null };
  for (let n = 1; n < failuresUntilOpen; n += 1) circuit = circuitAfter(circuit, answerOf(500), start);
  expect(circuit).toEqual({ failuresInRow: 19, probeAt: null });
  const waits = Array.from({ length: 9 }, () => {
    circuit = circuitAfter(circuit, answerOf(503), start);
    return ((circuit.probeAt?.getTime() ?? 0) - start.getTime()) / minute;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(circuitAfter(circuit, answerOf(204), start)).toEqual({ failuresInRow: 0, probeAt: null });
});
