import type { WeeklyInterval } from '@crossdesk/business-time';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { NamedException } from './calendar.domain.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** Hours as people write them: `to` at or before `from` is a time of the next day. */
export interface WrittenHours {
  readonly weekdays: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

export interface WrittenException {
  readonly date: string;
  readonly isOpen: boolean;
  readonly from: string;
  readonly to: string;
  readonly name: string | null;
}

const minutesOfDay = 1_440;
const timeHelp = 'Write a time of day, for instance 09:30; the end of a day is 24:00.';

export function readWeek(hours: readonly WrittenHours[]): Decision<WeeklyInterval[], 'INVALID_INPUT'> {
  const week: WeeklyInterval[] = [];
  for (const { weekdays: days, from, to } of hours) {
    const minutes = minutesOf(from, to);
    if (minutes === null) return refuse('INVALID_INPUT', 'weekly', timeHelp);
    for (const day of new Set(days)) week.push({ weekday: weekdays.indexOf(day) + 1, ...minutes });
  }
  return accept(week);
}

export function readExceptions(written: readonly WrittenException[]): Decision<NamedException[], 'INVALID_INPUT'> {
  const exceptions: NamedException[] = [];
  for (const { date, isOpen, from, to, name } of written) {
    const minutes = minutesOf(from, to);
    if (minutes === null) return refuse('INVALID_INPUT', 'exceptions', timeHelp);
    exceptions.push({ date, kind: isOpen ? 'open' : 'closed', ...minutes, name });
  }
  return accept(exceptions);
}

/** The weekly hours for people: those of several days in one line. */
export function shownWeek(week: readonly WeeklyInterval[]): WrittenHours[] {
  const lines = new Map<string, { weekdays: Weekday[]; from: string; to: string }>();
  for (const { weekday, fromMin, toMin } of week) {
    const day = weekdays[weekday - 1];
    const line = { weekdays: [], from: shownTime(fromMin), to: shownTime(toMin) };
    const key = `${line.from} ${line.to}`;
    const known = lines.get(key) ?? line;
    if (day !== undefined) known.weekdays.push(day);
    lines.set(key, known);
  }
  return [...lines.values()];
}

/** A minute of this day or of the next one. */
export function shownTime(minute: number): string {
  const ofDay = minute > minutesOfDay ? minute - minutesOfDay : minute;
  return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function minutesOf(from: string, to: string): { readonly fromMin: number; readonly toMin: number } | null {
  const [fromMin, toMin] = [minuteOf(from), minuteOf(to)];
  if (fromMin === null || toMin === null || fromMin === minutesOfDay) return null;
  return { fromMin, toMin: toMin <= fromMin ? toMin + minutesOfDay : toMin };
}

function minuteOf(text: string): number | null {
  const found = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text);
  if (found !== null) return Number(found[1]) * 60 + Number(found[2]);
  return text === '24:00' ? minutesOfDay : null;
}
