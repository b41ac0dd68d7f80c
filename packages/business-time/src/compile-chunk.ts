import { Temporal } from 'temporal-polyfill';
import type { Calendar, Minutes } from './calendar.ts';

/** The open intervals of some time, sorted and apart, with the open time before each. */
export interface Chunk {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly sums: Float64Array;
  readonly totalMs: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is open from one instant to another. */
export function compileChunk(calendar: Calendar, fromMs: number, untilMs: number): Chunk {
  const { opened, closed } = spansAround(calendar, fromMs, untilMs);
  const spans = subtract(merged(opened), merged(closed))
    .map(({ start, end }) => ({ start: Math.max(start, fromMs), end: Math.min(end, untilMs) }))
    .filter(({ start, end }) => start < end);
  const sums = new Float64Array(spans.length);
  let totalMs = 0;
  spans.forEach(({ start, end }, index) => {
    sums[index] = totalMs;
    totalMs += end - start;
  });
  return {
    starts: Float64Array.from(spans, ({ start }) => start),
    ends: Float64Array.from(spans, ({ end }) => end),
    sums,
    totalMs,
  };
}

/** Hours of a day may reach two days further, and a zone is at most a day from UTC. */
const marginDays = 3;

function spansAround({ zone, weekly, exceptions }: Calendar, fromMs: number, untilMs: number) {
  const first = dateOf(fromMs).subtract({ days: marginDays });
  const last = dateOf(untilMs).add({ days: 1 });
  const opened: Span[] = [];
  const closed: Span[] = [];
  for (let date = first; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 }))
    for (const interval of weekly) if (interval.weekday === date.dayOfWeek) opened.push(spanOf(date, interval, zone));
  for (const { date: text, kind, ...minutes } of exceptions) {
    const date = Temporal.PlainDate.from(text);
    if (Temporal.PlainDate.compare(date, first) < 0 || Temporal.PlainDate.compare(date, last) > 0) continue;
    (kind === 'open' ? opened : closed).push(spanOf(date, minutes, zone));
  }
  return { opened, closed };
}

function dateOf(ms: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('UTC').toPlainDate();
}

/**
 * Where the clocks are changed, an interval gets the time in its favour: a start that exists twice is the first one, an
 * end that exists twice is the second; what does not exist is moved forward.
 */
function spanOf(date: Temporal.PlainDate, { fromMin, toMin }: Minutes, zone: string): Span {
  return { start: instantAt(date, fromMin, zone, 'compatible'), end: instantAt(date, toMin, zone, 'later') };
}

function instantAt(
  date: Temporal.PlainDate,
  minute: number,
  zone: string,
  disambiguation: 'compatible' | 'later',
): number {
  return date.toPlainDateTime().add({ minutes: minute }).toZonedDateTime(zone, { disambiguation }).epochMilliseconds;
}

/** Sorted, and without overlaps or empty ones. */
function merged(spans: readonly Span[]): Span[] {
  const found: { start: number; end: number }[] = [];
  for (const { start, end } of spans.filter((one) => one.start < one.end).sort((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}

/** What is left of sorted spans that are apart after others of the same kind are cut out. */
function subtract(spans: readonly Span[], cuts: readonly Span[]): Span[] {
  const left: Span[] = [];
  let next = 0;
  for (const { start, end } of spans) {
    while (next < cuts.length && (cuts[next]?.end ?? 0) <= start) next++;
    let at = start;
    for (let index = next; index < cuts.length; index++) {
      const cut = cuts[index];
      if (cut === undefined || cut.start >= end) break;
      if (cut.start > at) left.push({ start: at, end: cut.start });
      at = Math.max(at, cut.end);
    }
    if (at < end) left.push({ start: at, end });
  }
  return left;
}
