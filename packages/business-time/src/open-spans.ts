import { Temporal } from 'temporal-polyfill';
import type { Calendar } from './calendar.ts';
import { compileChunk } from './compile-chunk.ts';

/** From when to when it is open without a break. */
export interface OpenSpan {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const dayMs = 86_400_000;
const marginDays = 3;

/** What is open in a calendar and begins on some days, such as 2026-12-24 and the two after it; also past their end. */
export function openSpans(calendar: Calendar, date: string, days: number): OpenSpan[] {
  const first = Temporal.PlainDate.from(date);
  const [from, until] = [first, first.add({ days })].map(
    (day) => day.toZonedDateTime({ timeZone: calendar.zone }).epochMilliseconds,
  );
  if (from === undefined || until === undefined) return [];
  const { starts, ends } = compileChunk(calendar, from - marginDays * dayMs, until + marginDays * dayMs);
  return [...starts].flatMap((start, index): OpenSpan[] => {
    const end = ends[index];
    if (start < from || start >= until || end === undefined) return [];
    return [{ startsAt: new Date(start), endsAt: new Date(end) }];
  });
}
