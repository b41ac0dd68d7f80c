import { weekdays, type Weekday } from './field.domain.ts';
import type { Hours } from './rule.domain.ts';

export interface LocalTime {
  readonly weekday: Weekday;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const options = { weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  formats.set(timeZone, format);
  return format;
}

/** The name as the tz database spells it; null if it is no time zone. An offset such as +02:00 is none: it has no summer. */
export function canonicalTimeZone(text: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return null;
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** The minute that was asked for last in each zone: formatting costs more than everything else about an event. */
const latest = new Map<string, { readonly minute: number; readonly time: LocalTime }>();

/** The weekday and the time of day in a zone. */
export function localTime(now: Date, timeZone: string): LocalTime {
  const minute = Math.floor(now.getTime() / 60_000);
  const known = latest.get(timeZone);
  if (known?.minute === minute) return known.time;
  const time = readTime(now, timeZone);
  latest.set(timeZone, { minute, time });
  return time;
}

function readTime(now: Date, timeZone: string): LocalTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const name = (parts.get('weekday') ?? '').toLowerCase();
  const weekday = weekdays.find((one) => one === name) ?? 'monday';
  return { weekday, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

/** Whether the time is in one of the hours. Hours past midnight belong to the weekday they begin on. */
export function isOpen(schedule: readonly Hours[], { weekday, minute }: LocalTime): boolean {
  if (schedule.length === 0) return true;
  const yesterday = weekdays[(weekdays.indexOf(weekday) + 6) % 7];
  return schedule.some(({ weekdays: days, fromMinute, toMinute }) => {
    const today = days.includes(weekday);
    if (fromMinute < toMinute) return today && fromMinute <= minute && minute < toMinute;
    const isSinceYesterday = yesterday !== undefined && days.includes(yesterday) && minute < toMinute;
    return (today && minute >= fromMinute) || isSinceYesterday;
  });
}
