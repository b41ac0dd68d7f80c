import type { Place } from '../finding.ts';

interface FoundDay extends Place {
  /** What the day may be, in days since 1970. */
  readonly readings: readonly number[];
}

const languages = 'en de fr es pt it nl pl cs ru uk tr ar he id ms vi th sv hi ro hu el da nb fi'.split(' ');

/** The names of the months in all languages, in the form that dates have and alone. */
const months: ReadonlyMap<string, number> = new Map(
  languages.flatMap((language) =>
    Array.from({ length: 12 }, (_, month) => month).flatMap((month): [string, number][] => {
      const day = new Date(Date.UTC(2026, month, 15));
      const inDate = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', timeZone: 'UTC' });
      const alone = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
      const short = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
      return [inDate, alone, short]
        .flatMap((format) => format.formatToParts(day).filter(({ type }) => type === 'month'))
        .map(({ value }) => [value.toLowerCase().replace(/\.$/, ''), month]);
    }),
  ),
);

const dayMs = 86_400_000;

/** Days since 1970. */
export function dayOf(date: Date): number {
  return Math.floor(date.getTime() / dayMs);
}

/** The days that a text names. One without its year is the nearest such day. */
export function daysIn(text: string, now: Date): FoundDay[] {
  return [...byNumbers(text, now), ...byEastAsianSigns(text, now), ...byNames(text, now)];
}

function byNumbers(text: string, now: Date): FoundDay[] {
  return [...text.matchAll(/\b(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\b/g)].flatMap((match) => {
    const [whole, ...parts] = match;
    const [a = 0, b = 0, c = 0] = parts.map(Number);
    const readings =
      a > 31 ? [dayAt(a, b - 1, c, now)] : [dayAt(fullYear(c), b - 1, a, now), dayAt(fullYear(c), a - 1, b, now)];
    return foundAt(match.index, whole, readings);
  });
}

function byEastAsianSigns(text: string, now: Date): FoundDay[] {
  const pattern = /(?:(\d{4}) ?[年년] ?)?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]/gu;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [whole, year, month, day] = match;
    return foundAt(match.index, whole, [
      dayAt(year === undefined ? null : Number(year), Number(month) - 1, Number(day), now),
    ]);
  });
}

/** `2 March 2026`, `March 2, 2026`, `2 de marzo de 2026`, `ngày 2 tháng 3, 2026`. */
function byNames(text: string, now: Date): FoundDay[] {
  const lower = text.toLowerCase();
  return [...lower.matchAll(/(?:tháng \d{1,2}|[\p{L}\p{M}]{3,20})/gu)].flatMap((match) => {
    const [name] = match;
    const month = months.get(name);
    if (month === undefined) return [];
    const before = /(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª)?(?: de| of)? ?$/u.exec(
      lower.slice(Math.max(0, match.index - 12), match.index),
    );
    const rest = lower.slice(match.index + name.length, match.index + name.length + 24);
    const behind = /^\.? (\d{1,2})(?:st|nd|rd|th)?(?!\d)/u.exec(rest);
    const day = before?.[1] ?? behind?.[1];
    if (day === undefined) return [];
    const year = /^\.?(?:,? ?\d{1,2}(?:st|nd|rd|th)?(?!\d))?(?:,| de| del|\/| năm| พ\.ศ\.){0,2} ?(\d{4})/u.exec(
      rest,
    )?.[1];
    const start = before === null ? match.index : match.index - before[0].length;
    const end = match.index + name.length + (behind?.[0].length ?? 0);
    return foundAt(start, text.slice(start, end), [
      dayAt(year === undefined ? null : Number(year), month, Number(day), now),
    ]);
  });
}

function foundAt(start: number, text: string, readings: readonly (number | null)[]): FoundDay[] {
  const known = readings.filter((day) => day !== null);
  return known.length === 0 ? [] : [{ start, end: start + text.length, readings: known }];
}

function fullYear(year: number): number {
  return year < 100 ? 2_000 + year : year;
}

/** Null for a day that does not exist. The Thai calendar counts 543 years more. */
function dayAt(year: number | null, month: number, day: number, now: Date): number | null {
  if (month < 0 || month > 11 || day < 1 || day > 31) return null;
  const at = (full: number) => Date.UTC(full > 2_400 ? full - 543 : full, month, day) / dayMs;
  if (year !== null) return at(year);
  const today = dayOf(now);
  const around = [-1, 0, 1].map((offset) => at(now.getUTCFullYear() + offset));
  return around.toSorted((one, other) => Math.abs(one - today) - Math.abs(other - today))[0] ?? null;
}
