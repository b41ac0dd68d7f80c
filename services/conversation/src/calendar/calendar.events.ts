import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Calendar } from './calendar.domain.ts';

export function calendarChanged(
  aggregate: LockedAggregate,
  { id, name, zone, weekly, exceptions }: Calendar,
  { isDeleted, origin }: { readonly isDeleted: boolean; readonly origin: Origin },
): EventDraft<'conversation.calendar-changed'> {
  const data = {
    calendarId: id,
    name,
    timeZone: zone,
    weekly: weekly.map(({ weekday, fromMin, toMin }) => ({ weekday, fromMinute: fromMin, toMinute: toMin })),
    exceptions: exceptions.map(({ date, kind, fromMin, toMin }) => ({
      date,
      kind,
      fromMinute: fromMin,
      toMinute: toMin,
    })),
    isDeleted,
  };
  return { aggregate, type: 'conversation.calendar-changed', origin, data };
}
