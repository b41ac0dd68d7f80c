import { Temporal } from 'temporal-polyfill';
import type { Calendar } from './calendar.ts';
import { compileChunk, type Chunk } from './compile-chunk.ts';

/** Answers about one calendar; what it computed for some months is kept. */
export interface OpenTimes {
  /** How long it is open from one instant to another; 0 if the second is not later. */
  openMs(from: Date, until: Date): number;
  /** The earliest instant by which it was open so long since `from`. */
  after(from: Date, openMs: number): Date;
}

/** A clock that never stops. */
export const wallClock: OpenTimes = {
  openMs: (from, until) => Math.max(0, until.getTime() - from.getTime()),
  after: (from, openMs) => new Date(from.getTime() + openMs),
};

const dayMs = 86_400_000;
const chunkDays = 400;
const chunkMs = chunkDays * dayMs;
/** 60 years. Weekly hours cannot be closed so long. */
const chunksMax = 55;

/**
 * The open time of a calendar, in pieces of 400 days: each is compiled once to its instants and their sums, and is then
 * searched by halves. The exceptions need not be sorted, and intervals may overlap.
 */
export function openTimesOf(calendar: Calendar): OpenTimes {
  const chunks = new Map<number, Chunk>();
  const chunkAt = (index: number): Chunk => {
    const known = chunks.get(index);
    if (known !== undefined) return known;
    const compiled = compileChunk(calendar, index * chunkMs, (index + 1) * chunkMs);
    chunks.set(index, compiled);
    return compiled;
  };
  return {
    openMs: (from, until) => {
      const [start, end] = [from.getTime(), until.getTime()];
      let sum = 0;
      for (let index = indexOf(start); index * chunkMs < end && start < end; index++) {
        const chunk = chunkAt(index);
        sum += openBefore(chunk, end) - openBefore(chunk, start);
      }
      return sum;
    },
    after: (from, openMs) => {
      if (openMs <= 0) return from;
      const first = indexOf(from.getTime());
      let left = openMs + openBefore(chunkAt(first), from.getTime());
      for (let index = first; index < first + chunksMax; index++) {
        const chunk = chunkAt(index);
        if (left <= chunk.totalMs) return new Date(instantOf(chunk, left));
        left -= chunk.totalMs;
      }
      throw new RangeError('the calendar is never open');
    },
  };
}

function indexOf(instant: number): number {
  return Math.floor(instant / chunkMs);
}

/** The open time from the beginning of a chunk to an instant. */
function openBefore({ starts, ends, sums, totalMs }: Chunk, instant: number): number {
  const found = firstAbove(ends, instant);
  const [start, sum] = [starts[found], sums[found]];
  return start === undefined || sum === undefined ? totalMs : sum + Math.max(0, instant - start);
}

/** The earliest instant before which a chunk was open so long; more than 0 and at most all of it. */
function instantOf({ starts, sums }: Chunk, openMs: number): number {
  // Sums grow: the last interval that begins with less than wanted contains the instant.
  const found = firstAbove(sums, openMs - 1e-6) - 1;
  return (starts[found] ?? 0) + openMs - (sums[found] ?? 0);
}

/** The first index whose value is above the wanted one; the length if there is none. */
function firstAbove(sorted: Float64Array, wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The local date of an instant, such as 2026-12-24. */
export function localDate(instant: Date, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDate().toString();
}
