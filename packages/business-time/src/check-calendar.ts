import { Temporal } from 'temporal-polyfill';
import {
  type Calendar,
  type CalendarException,
  exceptionsMax,
  intervalsPerWeekMax,
  type Minutes,
  minutesOfDay,
  type WeeklyInterval,
} from './calendar.ts';
import { openTimesOf } from './open-times.ts';

/** What is wrong with a calendar, as the field and a sentence. */
export interface CalendarProblem {
  readonly field: 'zone' | 'weekly' | 'exceptions';
  readonly message: string;
}

const dayMs = 86_400_000;
const opensWithinDays = 400;

/** The first problem of a calendar; null if it can be used from now on. */
export function problemOfCalendar(calendar: Calendar, now: Date): CalendarProblem | null {
  const { zone, weekly, exceptions } = calendar;
  if (!isZone(zone)) return { field: 'zone', message: 'There is no time zone of this name: Europe/Berlin is one.' };
  if (weekly.length > intervalsPerWeekMax)
    return { field: 'weekly', message: `A week has at most ${intervalsPerWeekMax} intervals.` };
  if (exceptions.length > exceptionsMax)
    return { field: 'exceptions', message: `A calendar has at most ${exceptionsMax} exceptions.` };
  return problemOfWeek(weekly) ?? problemOfExceptions(exceptions) ?? problemOfHours(calendar, now);
}

function problemOfWeek(weekly: readonly WeeklyInterval[]): CalendarProblem | null {
  if (weekly.length === 0) return neverOpen;
  for (const { weekday, ...minutes } of weekly) {
    if (!Number.isInteger(weekday) || weekday < 1 || weekday > 7)
      return { field: 'weekly', message: 'A weekday is from 1 (Monday) to 7 (Sunday).' };
    if (!isInterval(minutes, 2 * minutesOfDay)) return { field: 'weekly', message: intervalRule(2 * minutesOfDay) };
  }
  return null;
}

function problemOfExceptions(exceptions: readonly CalendarException[]): CalendarProblem | null {
  for (const { date, kind, ...minutes } of exceptions) {
    if (!isDate(date)) return { field: 'exceptions', message: 'A date of an exception looks like 2026-12-24.' };
    const untilMax = kind === 'closed' ? minutesOfDay : 2 * minutesOfDay;
    if (!isInterval(minutes, untilMax)) return { field: 'exceptions', message: intervalRule(untilMax) };
  }
  return null;
}

function problemOfHours(calendar: Calendar, now: Date): CalendarProblem | null {
  const until = new Date(now.getTime() + opensWithinDays * dayMs);
  return openTimesOf(calendar).openMs(now, until) > 0 ? null : neverOpen;
}

const neverOpen: CalendarProblem = {
  field: 'weekly',
  message: `The calendar is not open within ${opensWithinDays} days: nothing could ever be due.`,
};

function intervalRule(untilMax: number): string {
  return `An interval begins at a minute from 0 to ${minutesOfDay - 1} and ends later, at most at ${untilMax}.`;
}

function isInterval({ fromMin, toMin }: Minutes, untilMax: number): boolean {
  if (!Number.isInteger(fromMin) || !Number.isInteger(toMin)) return false;
  return fromMin >= 0 && fromMin < minutesOfDay && fromMin < toMin && toMin <= untilMax;
}

export function isZone(zone: string): boolean {
  if (zone.length > 64 || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}
