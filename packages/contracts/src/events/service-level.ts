import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { CalendarIdSchema, OneOf } from '../scalars.ts';

const minutesOfDay = 1_440;

/** Minutes of a local day, half-open. More than 1440: it ends on the next day. */
const fromMinute = Type.Integer({ minimum: 0, maximum: minutesOfDay - 1 });
const toMinute = Type.Integer({ minimum: 1, maximum: 2 * minutesOfDay });

export const calendarChanged = defineEvent({
  type: 'conversation.calendar-changed',
  version: 1,
  topic: 'conversation.agent',
  description:
    'A calendar of the workspace was made, changed or deleted. It is open in its weekly hours and openings, except in its closures.',
  data: Type.Object({
    calendarId: CalendarIdSchema,
    name: Type.String(),
    timeZone: Type.String({ description: 'a name of the tz database' }),
    weekly: Type.Array(
      Type.Object({
        weekday: Type.Integer({ minimum: 1, maximum: 7, description: '1 is Monday: the day on which it begins' }),
        fromMinute,
        toMinute,
      }),
    ),
    exceptions: Type.Array(
      Type.Object({
        date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
        kind: OneOf(['open', 'closed']),
        fromMinute,
        toMinute,
      }),
    ),
    isDeleted: Type.Boolean(),
  }),
  personal: null,
});
