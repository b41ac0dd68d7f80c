import type { Calendar as Hours, CalendarException, WeeklyInterval } from '@crossdesk/business-time';
import { problemOfCalendar } from '@crossdesk/business-time';
import type { CalendarId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';

/** An exception with its reason, for instance the name of a holiday. */
export interface NamedException extends CalendarException {
  readonly name: string | null;
}

/** What a calendar says. */
export interface CalendarContent extends Hours {
  readonly zone: string;
  readonly weekly: readonly WeeklyInterval[];
  readonly exceptions: readonly NamedException[];
}

export interface Calendar extends CalendarContent {
  readonly tenantId: TenantId;
  readonly id: CalendarId;
  readonly name: string;
  readonly version: number;
  readonly createdAt: Date;
}

export interface CalendarWish {
  readonly name: string;
  readonly content: CalendarContent;
  readonly now: Date;
}

const nameCharactersMax = 100;
const calendarsMax = 100;

/** A new calendar. One of the same name that says the same is that calendar: the request was repeated. */
export function createCalendar(
  present: readonly Calendar[],
  { name, content, now }: CalendarWish,
  { tenantId, id }: Pick<Calendar, 'tenantId' | 'id'>,
): Decision<Calendar, 'INVALID_INPUT' | 'ALREADY_EXISTS'> {
  const known = present.find((one) => one.name === name);
  if (known !== undefined && isSame(known, content)) return accept(known);
  if (known !== undefined) return nameTaken;
  if (present.length >= calendarsMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${calendarsMax} calendars: change one of those.`);
  return (
    refuseContent({ name, content, now }) ?? accept({ ...content, tenantId, id, name, version: 1, createdAt: now })
  );
}

/** The calendar after a change; the same one if there is nothing to change. */
export function changeCalendar(
  present: readonly Calendar[],
  calendar: Calendar,
  wish: CalendarWish & { readonly expectedVersion: number },
): Decision<Calendar, 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT'> {
  const { name, content, expectedVersion } = wish;
  if (calendar.name === name && isSame(calendar, content)) return accept(calendar);
  const refusal = refuseVersion(calendar, expectedVersion) ?? refuseContent(wish);
  if (refusal !== null) return refusal;
  if (present.some((one) => one.name === name && one.id !== calendar.id)) return nameTaken;
  return accept({ ...calendar, ...content, name, version: calendar.version + 1 });
}

export function refuseVersion(
  { version }: Pick<Calendar, 'version'>,
  expectedVersion: number,
): Refused<'VERSION_CONFLICT'> | null {
  if (version === expectedVersion) return null;
  const message = `It is at version ${version} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}

export function contentOf({ zone, weekly, exceptions }: CalendarContent): CalendarContent {
  return { zone, weekly, exceptions };
}

function refuseContent({ name, content, now }: CalendarWish): Refused<'INVALID_INPUT'> | null {
  const refusal = refuseText('name', name, nameCharactersMax);
  if (refusal !== null) return refusal;
  const long = content.exceptions.find((one) => (one.name?.length ?? 0) > nameCharactersMax);
  if (long !== undefined)
    return refuse(
      'INVALID_INPUT',
      'exceptions',
      `The name of an exception has at most ${nameCharactersMax} characters.`,
    );
  const problem = problemOfCalendar(content, now);
  if (problem === null) return null;
  return refuse('INVALID_INPUT', problem.field === 'zone' ? 'timeZone' : problem.field, problem.message);
}

function isSame(one: CalendarContent, other: CalendarContent): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** jsonb keeps the order of lists, not of keys. */
function sorted({ zone, weekly, exceptions }: CalendarContent) {
  return [
    zone,
    weekly.map(({ weekday, fromMin, toMin }) => [weekday, fromMin, toMin]),
    exceptions.map(({ date, kind, fromMin, toMin, name }) => [date, kind, fromMin, toMin, name]),
  ];
}

const nameTaken = refuse('ALREADY_EXISTS', 'name', 'Another calendar has this name: take another one, or change that.');
