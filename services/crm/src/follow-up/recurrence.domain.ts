import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';

/** When something comes again: a rule of RFC 5545 without `RRULE:`, by the wall clock of an IANA zone. */
export interface Recurrence {
  readonly rule: string;
  readonly zone: string;
}

const ruleCharactersMax = 200;
/** Periods that are looked at for the next time: 200 years of a yearly rule, five of a daily one. */
const periodsMax = 2_000;

/** What each part of a rule may be; those that begin with BY have lists of it. Parts that people do not plan by (hours, weeks of a year) are left out. */
const parts: Readonly<Record<string, RegExp>> = {
  FREQ: /^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9][0-9]?$/,
  COUNT: /^[1-9][0-9]{0,2}$/,
  UNTIL: /^[0-9]{8}T[0-9]{6}Z$/,
  BYDAY: /^(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)$/,
  BYMONTHDAY: /^-?(?:[1-9]|[12][0-9]|3[01])$/,
  BYMONTH: /^(?:[1-9]|1[0-2])$/,
};

const example = 'for instance FREQ=MONTHLY;BYMONTHDAY=1';

/** A rule that can be used from a first time on, in one spelling; or what is wrong with it. */
export function checkRecurrence({ rule, zone }: Recurrence, startsAt: Date): Decision<Recurrence, 'INVALID_INPUT'> {
  const place = canonicalZone(zone);
  if (place === null)
    return refuse('INVALID_INPUT', 'recurrence', `There is no zone ${zone.slice(0, 40)}: name one like Europe/Berlin.`);
  const wanted = rule.trim().toUpperCase();
  const wrong = wrongPartOf(wanted);
  if (wrong !== null) {
    const accepted = `DAILY, WEEKLY, MONTHLY or YEARLY as FREQ, with ${Object.keys(parts).slice(1).join(', ')}`;
    return refuse('INVALID_INPUT', 'recurrence', `The rule cannot be used (${wrong}): ${accepted} are; ${example}.`);
  }
  const recurrence = { rule: wanted, zone: place };
  if (nextAfter(recurrence, startsAt, startsAt) === null)
    return refuse('INVALID_INPUT', 'recurrence', `By this rule it never comes again: ${example} does.`);
  return accept(recurrence);
}

/** What is wrong with a rule; null if nothing is. */
function wrongPartOf(rule: string): string | null {
  if (rule.length > ruleCharactersMax) return `more than ${ruleCharactersMax} characters`;
  const seen = new Set<string>();
  for (const part of rule.split(';')) {
    const [name = '', value = ''] = part.split('=', 2);
    const values = name.startsWith('BY') ? value.split(',') : [value];
    const isValid = values.every((one) => parts[name]?.test(one) === true);
    if (seen.has(name) || !isValid || part !== `${name}=${value}`) return part.slice(0, 40);
    seen.add(name);
  }
  if (!seen.has('FREQ')) return 'no FREQ';
  return seen.has('COUNT') && seen.has('UNTIL') ? 'COUNT and UNTIL' : null;
}

function canonicalZone(zone: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/**
 * The first time after `after` at which it comes again; null if it never does. The hour is that of the first time, by the
 * wall clock: 10:00 stays 10:00 when summer time begins or ends (S1-3.4). An hour that does not exist on a day is left out
 * on that day (RFC 5545).
 */
export function nextAfter({ rule, zone }: Recurrence, startsAt: Date, after: Date): Date | null {
  const from = (time: Date) => Temporal.Instant.fromEpochMilliseconds(time.getTime()).toZonedDateTimeISO(zone);
  const series = new RRuleTemporal({
    rruleString: rule,
    dtstart: from(startsAt),
    maxIterations: periodsMax,
    temporal: Temporal,
  });
  try {
    const next = series.next(from(after), false);
    return next === null ? null : new Date(next.epochMilliseconds);
  } catch (cause) {
    // It says so for a date that no year has, like the 30th of February.
    if (cause instanceof Error && cause.message.startsWith('Maximum iterations')) return null;
    throw cause;
  }
}
