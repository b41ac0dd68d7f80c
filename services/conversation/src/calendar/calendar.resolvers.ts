import { type CalendarId, parseId } from '@crossdesk/contracts';
import {
  accept,
  type Decision,
  fromEnum,
  inputId,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { deleteCalendar, saveCalendar } from './calendar.commands.ts';
import type { CalendarContent } from './calendar.domain.ts';
import { calendarsByIds, calendarsOf } from './calendar.store.ts';
import { publicHolidays } from './holidays.ts';
import { readExceptions, readWeek, shownTime, shownWeek, weekdays } from './hours.domain.ts';

export const calendarResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    calendars: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => calendarsOf(trx, tenantId));
    },
    calendar: (_, { id: text }, { loaders, request }) => {
      signedIn(request);
      const id = parseId<CalendarId>(text);
      return id === null ? null : loaders.load(calendarsByIds, id);
    },
    proposeHolidays: (_, { country, year, locale }, { request }) => {
      signedIn(request);
      return publicHolidays(country, year, locale);
    },
  },
  Mutation: {
    saveCalendar: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const calendarId = typeof input.calendarId === 'string' ? inputId<CalendarId>(input.calendarId) : null;
      const read = contentOf(input);
      const wish = { calendarId, expectedVersion: input.expectedVersion ?? 0, name: input.name.trim() };
      const outcome = read.ok
        ? await runtime.commands.asked(request, 'saveCalendar', (call) =>
            saveCalendar(runtime, call, { ...wish, content: read.value }),
          )
        : read;
      const present = async () => (calendarId === null ? null : loaders.load(calendarsByIds, calendarId));
      return toPayload('calendar', await withPresent(outcome, present));
    },
    deleteCalendar: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = { calendarId: inputId<CalendarId>(input.calendarId), expectedVersion: input.expectedVersion };
      const outcome = await runtime.commands.asked(request, 'deleteCalendar', (call) =>
        deleteCalendar(runtime, call, wish),
      );
      return toPayload('calendar', await withPresent(outcome, () => loaders.load(calendarsByIds, wish.calendarId)));
    },
  },
  Calendar: {
    timeZone: ({ zone }) => zone,
    weekly: ({ weekly }) =>
      shownWeek(weekly).map((line) => ({ ...line, weekdays: line.weekdays.map((day) => toEnum(day)) })),
    exceptions: ({ exceptions }) =>
      exceptions.map(({ date, kind, fromMin, toMin, name }) => ({
        date,
        isOpen: kind === 'open',
        from: shownTime(fromMin),
        to: shownTime(toMin),
        name,
      })),
  },
};

function contentOf(input: graphql.SaveCalendarInput): Decision<CalendarContent, 'INVALID_INPUT'> {
  const week = readWeek(
    input.weekly.map(({ from, to, weekdays: days }) => ({
      weekdays: days.map((day) => fromEnum(weekdays, day)),
      from,
      to,
    })),
  );
  const exceptions = readExceptions(
    (input.exceptions ?? []).map(({ date, isOpen, from, to, name }) => ({
      date,
      isOpen: isOpen ?? false,
      from: from ?? '00:00',
      to: to ?? '24:00',
      name: name ?? null,
    })),
  );
  if (!week.ok) return week;
  if (!exceptions.ok) return exceptions;
  return accept({ zone: input.timeZone, weekly: week.value, exceptions: exceptions.value });
}
