import { Temporal } from 'temporal-polyfill';
import type { Place } from './place.domain.ts';

const firstHour = 9;
const endHour = 20;
/** A country whose edges have no hour in common keeps to its first zone: no country of the list is that wide. */
const stepsMax = 100;

/**
 * When marketing may next go out at a place: from 9 to 20 by the clocks of all its zones, and not on a day of rest of its
 * country. `now` itself if it may.
 */
export function nextAllowedAt(now: Date, place: Pick<Place, 'country' | 'zones'>): Date {
  let at = Temporal.Instant.fromEpochMilliseconds(now.getTime());
  for (let step = 0; step < stepsMax; step += 1) {
    const nexts = place.zones.map((zone) => nextIn(at, zone, place.country));
    const latest = nexts.reduce((a, b) => (Temporal.Instant.compare(a, b) < 0 ? b : a), at);
    if (Temporal.Instant.compare(latest, at) === 0) break;
    at = latest;
  }
  return new Date(at.epochMilliseconds);
}

/** The next moment that is allowed by the clocks of one zone; `at` itself if it is. */
function nextIn(at: Temporal.Instant, zone: string, country: string | null): Temporal.Instant {
  const local = at.toZonedDateTimeISO(zone);
  const today = local.toPlainDate();
  const isOpen = !isDayOfRest(today, country);
  if (isOpen && local.hour >= firstHour && local.hour < endHour) return at;
  let day = isOpen && local.hour < firstHour ? today : today.add({ days: 1 });
  while (isDayOfRest(day, country)) day = day.add({ days: 1 });
  return day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour: firstHour }) }).toInstant();
}

/** France: no advertising by message on Sundays and public holidays (charter of the operators, UNVERIFIED). */
function isDayOfRest(day: Temporal.PlainDate, country: string | null): boolean {
  return country === 'FR' && (day.dayOfWeek === 7 || isHolidayInFrance(day));
}

/** Month and day of the fixed ones: code du travail, L3133-1. */
const fixedHolidays: readonly string[] = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
/** Days after Easter Sunday: Easter Monday, Ascension, Whit Monday. */
const movingHolidays: readonly number[] = [1, 39, 50];

function isHolidayInFrance(day: Temporal.PlainDate): boolean {
  const sinceEaster = easterOf(day.year).until(day).days;
  return fixedHolidays.includes(day.toString().slice(5)) || movingHolidays.includes(sinceEaster);
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876). */
function easterOf(year: number): Temporal.PlainDate {
  const a = year % 19;
  const century = Math.floor(year / 100);
  const rest = year % 100;
  const f = Math.floor((century + 8) / 25);
  const g = Math.floor((century - f + 1) / 3);
  const h = (19 * a + century - Math.floor(century / 4) - g + 15) % 30;
  const l = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - h - (rest % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(sum / 31), day: (sum % 31) + 1 });
}
