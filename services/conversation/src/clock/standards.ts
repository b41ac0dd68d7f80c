import { type Calendar, type OpenTimes, openTimesOf, wallClock } from '@crossdesk/business-time';
import { capabilitiesOf } from '@crossdesk/channels';
import type { CalendarId, TenantId } from '@crossdesk/contracts';
import { LRUCache } from 'lru-cache';
import { type CustomerMarks } from '../customer-mark/customer-mark.domain.ts';
import type { Standard } from './clock.domain.ts';
import { fits, minutesFor, type Policy, type PolicySubject } from './policy.domain.ts';

/** The hours of a version of a calendar. */
export interface KnownCalendar extends Calendar {
  readonly tenantId: TenantId;
  readonly id: CalendarId;
  readonly version: number;
}

/** What the workspaces of some conversations have set. */
export interface Settings {
  /** By workspace, in the order in which they apply. */
  readonly policies: ReadonlyMap<
    TenantId,
    readonly { readonly policy: Policy; readonly calendar: KnownCalendar | null }[]
  >;
  /** By workspace and channel; null: the platform's deadline is not followed. */
  readonly deadlines: ReadonlyMap<string, number | null>;
}

export function deadlineKey(tenantId: TenantId, channel: string): string {
  return `${tenantId} ${channel}`;
}

/** The minutes in which the platform wants an answer, by its record. A reply window is a deadline as well. */
export function defaultDeadline(channel: string): number | null {
  const { answerWithinHours, replyWindowHours } = capabilitiesOf(channel);
  const hours = answerWithinHours ?? replyWindowHours;
  return hours === null ? null : hours * 60;
}

const platformWarnPercent = 75;

/** What applies to a conversation: the first policy that fits it and its customer, and the deadline of the platform. */
export function standardsFor(
  settings: Settings,
  subject: PolicySubject & { readonly tenantId: TenantId },
  marks: CustomerMarks,
): Standard[] {
  const { tenantId, channel } = subject;
  const set = settings.deadlines.get(deadlineKey(tenantId, channel));
  const minutes = set === undefined ? defaultDeadline(channel) : set;
  const found = settings.policies.get(tenantId)?.find(({ policy }) => fits(policy, subject, marks));
  return [
    ...(found === undefined ? [] : [ownStandard(found.policy, found.calendar, subject)]),
    ...(minutes === null ? [] : [platformStandard(minutes)]),
  ];
}

function ownStandard(policy: Policy, calendar: KnownCalendar | null, { priority }: PolicySubject): Standard {
  return {
    origin: 'policy',
    times: calendar === null ? wallClock : timesOf(calendar),
    basisOf: (metric) => {
      const budgetMinutes = minutesFor(policy, metric, priority);
      if (budgetMinutes === null) return null;
      return {
        policyId: policy.id,
        policyVersion: policy.version,
        calendarId: calendar?.id ?? null,
        calendarVersion: calendar?.version ?? null,
        budgetMinutes,
        warnPercent: policy.warnPercent,
      };
    },
  };
}

function platformStandard(budgetMinutes: number): Standard {
  const wall = { policyId: null, policyVersion: null, calendarId: null, calendarVersion: null };
  return {
    origin: 'platform',
    times: wallClock,
    basisOf: (metric) =>
      metric === 'next-response' ? { ...wall, budgetMinutes, warnPercent: platformWarnPercent } : null,
  };
}

const compiledMax = 1_000;
/** Compiled once for each version of a calendar. */
const compiled = new LRUCache<string, OpenTimes>({ max: compiledMax });

export function timesOf(calendar: KnownCalendar): OpenTimes {
  const key = `${calendar.tenantId} ${calendar.id} ${calendar.version}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const times = openTimesOf(calendar);
  compiled.set(key, times);
  return times;
}
