import type { AgentId, ConversationId, CustomerId, FollowUpId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { nextAfter, type Recurrence } from './recurrence.domain.ts';

export const followUpStates = ['open', 'done', 'cancelled'] as const;
export type FollowUpState = (typeof followUpStates)[number];

/** What somebody has promised to do for a customer. */
export interface FollowUp {
  readonly tenantId: TenantId;
  readonly id: FollowUpId;
  readonly profileId: CustomerId;
  readonly conversationId: ConversationId | null;
  readonly ownerId: AgentId;
  readonly text: string;
  readonly dueAt: Date;
  /** The first due time: the rule counts from it. */
  readonly startsAt: Date;
  readonly recurrence: Recurrence | null;
  /** From 1 on: one more each time that a recurring one is completed. */
  readonly occurrence: number;
  readonly state: FollowUpState;
  /** When its owner is to be told; null for one that was told, or that is over. */
  readonly tellAt: Date | null;
  readonly createdBy: AgentId | null;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
  readonly version: number;
}

type Refusal = 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION' | 'INVALID_INPUT';
type Asked = { readonly expectedVersion: number; readonly now: Date };

export const textCharactersMax = 500;
const aheadDaysMax = 5 * 366;
const dayMs = 86_400_000;

/** Refuses a due time that is over, or too far away to mean anything. */
export function refuseDueAt(field: string, dueAt: Date, now: Date) {
  if (dueAt <= now) return refuse('INVALID_INPUT', field, 'This time is over: name one that is to come.');
  if (dueAt.getTime() > now.getTime() + aheadDaysMax * dayMs)
    return refuse('INVALID_INPUT', field, 'This is more than five years away: name an earlier time.');
  return null;
}

/**
 * It is done. A recurring one is due again at its next time that is still to come: what was missed meanwhile is not
 * asked for again.
 */
export function complete(one: FollowUp, { expectedVersion, now }: Asked): Decision<FollowUp, Refusal> {
  const refusal = refuseChange(one, expectedVersion);
  if (refusal !== null) return refusal;
  const { recurrence, startsAt, dueAt } = one;
  const next = recurrence === null ? null : nextAfter(recurrence, startsAt, dueAt > now ? dueAt : now);
  if (next === null) return accept(closed(one, 'done', now));
  return accept({ ...step(one), dueAt: next, tellAt: next, occurrence: one.occurrence + 1 });
}

/** Puts it off; its owner is told again then. */
export function snooze(one: FollowUp, until: Date, { expectedVersion, now }: Asked): Decision<FollowUp, Refusal> {
  const refusal = refuseChange(one, expectedVersion) ?? refuseDueAt('until', until, now);
  return refusal ?? accept({ ...step(one), dueAt: until, tellAt: until });
}

/** It need not be done any more, and does not come again. */
export function cancel(one: FollowUp, { expectedVersion, now }: Asked): Decision<FollowUp, Refusal> {
  return refuseChange(one, expectedVersion) ?? accept(closed(one, 'cancelled', now));
}

/** Its owner has been told. */
export function told(one: FollowUp): FollowUp {
  return { ...one, tellAt: null };
}

function closed(one: FollowUp, state: 'done' | 'cancelled', now: Date): FollowUp {
  return { ...step(one), state, tellAt: null, closedAt: now };
}

function step(one: FollowUp): FollowUp {
  return { ...one, version: one.version + 1 };
}

function refuseChange(one: FollowUp, expectedVersion: number) {
  if (one.version !== expectedVersion)
    return refuse('VERSION_CONFLICT', 'expectedVersion', 'Somebody has changed it meanwhile: look at it again.');
  if (one.state !== 'open') return refuse('ILLEGAL_TRANSITION', null, 'It is over: create another follow-up.');
  return null;
}
