import { type CalendarId, newId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { lookAgain } from '../clock/state.store.ts';
import type { DB } from '../db.ts';
import {
  type Calendar,
  type CalendarContent,
  changeCalendar,
  createCalendar,
  refuseVersion,
} from './calendar.domain.ts';
import { calendarChanged } from './calendar.events.ts';
import { deleteCalendarRow, lockCalendars, saveCalendarRow, userOfCalendar } from './calendar.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface SaveCalendarInput {
  /** Null makes a new one. */
  readonly calendarId: CalendarId | null;
  readonly expectedVersion: number;
  readonly name: string;
  readonly content: CalendarContent;
}

/** Makes a calendar, or replaces what one says. */
export async function saveCalendar(
  { outbox, clock }: Deps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { calendarId, expectedVersion, name, content }: SaveCalendarInput,
): Promise<Outcome<Calendar, 'INVALID_INPUT' | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT'>> {
  const present = await lockCalendars(trx, tenantId);
  const known = present.find(({ id }) => id === calendarId);
  if (calendarId !== null && known === undefined) return noCalendar;
  const wish = { name, content, now: clock.now() };
  const decision =
    known === undefined
      ? createCalendar(present, wish, { tenantId, id: newId<CalendarId>() })
      : changeCalendar(present, known, { ...wish, expectedVersion });
  if (!decision.ok) return decision;
  const calendar = decision.value;
  if (present.includes(calendar)) return unchanged(calendar);
  const aggregate = await saveCalendarRow(trx, calendar);
  if (calendar.version > 1) await lookAgain(trx, tenantId, clock.now());
  await outbox.append(trx, [calendarChanged(aggregate, calendar, { isDeleted: false, origin })]);
  return changed(calendar, calendar.id);
}

/** Deletes a calendar that nothing uses. Returns it as it was. */
export async function deleteCalendar(
  { outbox }: Deps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { calendarId, expectedVersion }: { readonly calendarId: CalendarId; readonly expectedVersion: number },
): Promise<Outcome<Calendar, 'NOT_FOUND' | 'VERSION_CONFLICT' | 'IN_USE'>> {
  const calendar = (await lockCalendars(trx, tenantId)).find(({ id }) => id === calendarId);
  if (calendar === undefined) return noCalendar;
  const conflict = refuseVersion(calendar, expectedVersion);
  if (conflict !== null) return conflict;
  const user = await userOfCalendar(trx, calendar);
  if (user !== null) return refuse('IN_USE', 'calendarId', `${user} uses the calendar: give it another one first.`);
  const aggregate = await deleteCalendarRow(trx, calendar);
  await outbox.append(trx, [calendarChanged(aggregate, calendar, { isDeleted: true, origin })]);
  return changed(calendar, calendar.id);
}

const noCalendar = refuse('NOT_FOUND', 'calendarId', 'There is no calendar with this id: take one from calendars.');
