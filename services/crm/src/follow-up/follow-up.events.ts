import type { AgentId, CustomerId } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { FollowUp } from './follow-up.domain.ts';

/** The locked customer that is the key of the events. */
export type OfCustomer = LockedAggregate & { readonly id: CustomerId };

function snapshotOf(one: FollowUp, { id: customerId }: OfCustomer) {
  const { id: followUpId, profileId, conversationId, ownerId, occurrence } = one;
  return { followUpId, customerId, profileId, conversationId, ownerId, occurrence, dueAt: one.dueAt.toISOString() };
}

export function followUpDue(aggregate: OfCustomer, one: FollowUp, origin: Origin): EventDraft<'crm.follow-up-due'> {
  return { aggregate, type: 'crm.follow-up-due', origin, data: snapshotOf(one, aggregate) };
}

export function followUpCompleted(
  aggregate: OfCustomer,
  { before, after }: { readonly before: FollowUp; readonly after: FollowUp },
  completedBy: AgentId | null,
  origin: Origin,
): EventDraft<'crm.follow-up-completed'> {
  const nextDueAt = after.state === 'open' ? after.dueAt.toISOString() : null;
  const data = { ...snapshotOf(before, aggregate), completedBy, nextDueAt };
  return { aggregate, type: 'crm.follow-up-completed', origin, data };
}
