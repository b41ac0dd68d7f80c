import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { ChannelSchema } from '../channels.ts';
import {
  AgentIdSchema,
  CalendarIdSchema,
  ChannelAccountIdSchema,
  Instant,
  instant,
  Nullable,
  OneOf,
  ShiftIdSchema,
  SlaPolicyIdSchema,
} from '../scalars.ts';
import { ConversationPrioritySchema, ConversationSnapshotSchema } from './conversation.ts';

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

const MetricSchema = OneOf(
  ['first-response', 'next-response', 'resolution'],
  'first-response: from the first message of a cycle to the answer of a person; next-response: from the oldest message without an answer; resolution: to the close',
);

export const slaPolicyChanged = defineEvent({
  type: 'conversation.sla-policy-changed',
  version: 1,
  topic: 'conversation.agent',
  description:
    'A service level of the workspace was made or changed. The first active one that fits a conversation applies; the version of the event is the version of the policy.',
  data: Type.Object({
    policyId: SlaPolicyIdSchema,
    name: Type.String(),
    isActive: Type.Boolean(),
    position: Type.Integer({ minimum: 1 }),
    calendarId: Nullable(CalendarIdSchema),
    warnPercent: Type.Integer({ minimum: 1, maximum: 99 }),
    accountIds: Nullable(Type.Array(ChannelAccountIdSchema)),
    channels: Nullable(Type.Array(ChannelSchema)),
    priorities: Nullable(Type.Array(ConversationPrioritySchema)),
    enquiryTypes: Nullable(Type.Array(Type.String())),
    targets: Type.Array(
      Type.Object({
        metric: MetricSchema,
        priority: Nullable(ConversationPrioritySchema),
        minutes: Type.Integer({ minimum: 1 }),
      }),
    ),
  }),
  personal: null,
});

/** What every event of a clock says. */
const ClockDataSchema = Type.Object({
  conversation: ConversationSnapshotSchema,
  clockId: Type.String({ format: 'uuid' }),
  metric: MetricSchema,
  origin: OneOf(['policy', 'platform'], 'policy: of the workspace; platform: a deadline that the platform counts'),
  cycle: Type.Integer({ minimum: 1 }),
  policyId: Nullable(SlaPolicyIdSchema),
  policyVersion: Nullable(Type.Integer({ minimum: 1, description: 'after a breach the version that was broken' })),
  calendarId: Nullable(CalendarIdSchema),
  calendarVersion: Nullable(Type.Integer({ minimum: 1 })),
  budgetMinutes: Type.Integer({ minimum: 1 }),
  startedAt: Instant,
  dueAt: Nullable(Instant),
  metAt: Nullable(instant('when a person answered, or the conversation was closed')),
});

export const slaWarned = defineEvent({
  type: 'conversation.sla-warned',
  version: 1,
  topic: 'conversation.conversation',
  description: 'Most of the time of a clock is over, counted in open hours. The assignee, else the team, should act.',
  data: ClockDataSchema,
  personal: null,
});

export const slaBreached = defineEvent({
  type: 'conversation.sla-breached',
  version: 1,
  topic: 'conversation.conversation',
  description: 'The time of a clock was over before it was met. Told once, and final; occurredAt is the due time.',
  data: ClockDataSchema,
  personal: null,
});

export const slaMet = defineEvent({
  type: 'conversation.sla-met',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A clock was met in time. If the answer then does not reach the buyer, the clock runs on and another event of it follows.',
  data: ClockDataSchema,
  personal: null,
});

const ShiftDataSchema = Type.Object({
  shiftId: ShiftIdSchema,
  agentId: AgentIdSchema,
  startsAt: Instant,
  endsAt: Instant,
});

export const shiftStarted = defineEvent({
  type: 'conversation.shift-started',
  version: 1,
  topic: 'conversation.agent',
  description: 'A shift of a person has begun, as the roster says; whether they work is told by themselves.',
  data: ShiftDataSchema,
  personal: null,
});

export const shiftEnded = defineEvent({
  type: 'conversation.shift-ended',
  version: 1,
  topic: 'conversation.agent',
  description: 'A shift of a person is over, as the roster says.',
  data: ShiftDataSchema,
  personal: null,
});
