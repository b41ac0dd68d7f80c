import { type Beside, type Entry, operations } from '../history.ts';
import { type Checker, grouped, violation } from './checker.port.ts';

/** The p99 of a quiet tenant beside a hot one may be this many times its p99 alone. */
export const timesSlowerMax = 2;
/** Shorter waits are no finding: people do not notice them, and platforms wait 3 s and more for an acknowledgement. */
export const unnoticedMs = 1_000;

/** Waits of quiet tenants: alone, beside many tenants that together have as many messages as a hot one, and beside a hot one. */
export interface Pace {
  readonly what: 'acknowledged' | 'shown';
  readonly count: number;
  readonly alone: Waits;
  readonly even: Waits;
  readonly beside: Waits;
}

export interface Waits {
  readonly medianMs: number;
  readonly p99Ms: number;
}

export function pacesIn(history: readonly Entry[]): Pace[] {
  return [...grouped(operations(history, 'pace'), ({ what }) => what).values()].flatMap((entries) => {
    const [{ what } = { what: null }] = entries;
    if (what === null) return [];
    const waits = (who: Beside): number[] => entries.flatMap((one) => (one.beside === who ? [one.tookMs] : []));
    const [alone, even, beside] = [waits('nobody'), waits('as many of others'), waits('the hot one')];
    return [{ what, count: beside.length, alone: waitsOf(alone), even: waitsOf(even), beside: waitsOf(beside) }];
  });
}

function waitsOf(tookMs: readonly number[]): Waits {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(10 * (sorted[Math.ceil(sorted.length * share) - 1] ?? 0)) / 10;
  return { medianMs: at(0.5), p99Ms: at(0.99) };
}

/** I9: a quiet tenant beside a hot one does not wait noticeably longer than alone. */
export const quietKeepsPace: Checker = (history) =>
  pacesIn(history)
    .filter(({ alone, beside }) => beside.p99Ms > Math.max(unnoticedMs, timesSlowerMax * alone.p99Ms))
    .map(({ what, alone, beside }) =>
      violation('I9', 'wrong', `a quiet tenant's p99 until ${what} is ${beside.p99Ms} ms, alone ${alone.p99Ms} ms`),
    );
