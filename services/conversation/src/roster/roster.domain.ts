import { type Calendar, isDate, type OpenSpan, openSpans } from '@crossdesk/business-time';
import { type AgentId, type CalendarId, newId, type ShiftId, type TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

/** A time at which somebody works. */
export interface Shift extends OpenSpan {
  readonly tenantId: TenantId;
  readonly id: ShiftId;
  readonly agentId: AgentId;
  readonly calendarId: CalendarId;
}

/** People who work the hours of a calendar on some days. */
export interface RosterWish {
  readonly agentIds: readonly AgentId[];
  /** The first local date of the calendar, such as 2026-12-24. */
  readonly from: string;
  readonly days: number;
}

/** What changes: shifts that have not begun are replaced. */
export interface RosterPlan {
  readonly added: readonly Shift[];
  readonly removed: readonly Shift[];
}

const daysMax = 35;
const dayMs = 86_400_000;
const shiftMaxMs = dayMs;
export const agentsMax = 200;

/** The times of a roster that are not over; refuses days that are too far away and shifts of more than a day. */
export function rosterSpans(
  calendar: Calendar,
  { from, days, agentIds }: RosterWish,
  now: Date,
): Decision<OpenSpan[], 'INVALID_INPUT'> {
  if (agentIds.length === 0 || agentIds.length > agentsMax)
    return refuse('INVALID_INPUT', 'agentIds', `Name 1 to ${agentsMax} people.`);
  if (days < 1 || days > daysMax) return refuse('INVALID_INPUT', 'days', `A roster is for 1 to ${daysMax} days.`);
  const away = isDate(from) ? Math.abs(Date.parse(`${from}T12:00:00Z`) - now.getTime()) : Infinity;
  if (away > daysMax * dayMs)
    return refuse('INVALID_INPUT', 'from', `Write a date such as 2026-12-24, at most ${daysMax} days from now.`);
  const spans = openSpans(calendar, from, days).filter(({ endsAt }) => endsAt > now);
  if (spans.some(({ startsAt, endsAt }) => endsAt.getTime() - startsAt.getTime() > shiftMaxMs))
    return refuse('INVALID_INPUT', 'calendarId', 'The calendar is open for more than a day without a break.');
  return accept(spans);
}

/** What is to be added and removed, so that the people work exactly these times. A shift that has begun stays. */
export function planRoster(
  present: readonly Shift[],
  spans: readonly OpenSpan[],
  agentIds: readonly AgentId[],
  { tenantId, calendarId, now }: Pick<Shift, 'tenantId' | 'calendarId'> & { readonly now: Date },
): RosterPlan {
  const wanted = new Set(agentIds.flatMap((agentId) => spans.map((span) => placeOf({ agentId, ...span }))));
  const kept = present.filter((shift) => shift.startsAt <= now || wanted.has(placeOf(shift)));
  const removed = present.filter((shift) => !kept.includes(shift));
  const added = agentIds.flatMap((agentId) =>
    spans
      .filter((span) => !kept.some((shift) => shift.agentId === agentId && overlaps(shift, span)))
      .map((span): Shift => ({ tenantId, id: newId<ShiftId>(), agentId, calendarId, ...span })),
  );
  return { added, removed };
}

function placeOf({ agentId, startsAt, endsAt }: OpenSpan & { readonly agentId: AgentId }): string {
  return `${agentId} ${startsAt.getTime()} ${endsAt.getTime()}`;
}

function overlaps(one: OpenSpan, other: OpenSpan): boolean {
  return one.startsAt < other.endsAt && other.startsAt < one.endsAt;
}
