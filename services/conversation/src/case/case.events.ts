import type { EventData } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Case, CaseLink, CaseState } from './case.domain.ts';

/** The part that every event of a case repeats. */
function snapshotOf(one: Case): EventData<'conversation.case-opened'>['case'] {
  const { id: caseId, number, accountId, type, state, priority, ownerId, teamId, cycle } = one;
  return { caseId, number, accountId, type, state, priority, ownerId, teamId, cycle, dueAt: one.due.at.toISOString() };
}

export function caseOpened(
  aggregate: LockedAggregate,
  one: Case,
  about: Pick<EventData<'conversation.case-opened'>, 'conversationId' | 'orderId' | 'feedbackId'>,
  origin: Origin,
): EventDraft<'conversation.case-opened'> {
  const { basis: dueBasis, policyId, policyVersion } = one.due;
  const data = { case: snapshotOf(one), ownerId: one.ownerId, ...about, dueBasis, policyId, policyVersion };
  return { aggregate, type: 'conversation.case-opened', origin, data };
}

export function caseAssigned(
  aggregate: LockedAggregate,
  one: Case,
  handed: Pick<EventData<'conversation.case-assigned'>, 'previousOwnerId' | 'reason'>,
  origin: Origin,
): EventDraft<'conversation.case-assigned'> {
  const data = { case: snapshotOf(one), ...handed };
  return { aggregate, type: 'conversation.case-assigned', origin, data };
}

export function caseStateChanged(
  aggregate: LockedAggregate,
  one: Case,
  previousState: CaseState,
  origin: Origin,
): EventDraft<'conversation.case-state-changed'> {
  const data = { case: snapshotOf(one), previousState };
  return { aggregate, type: 'conversation.case-state-changed', origin, data };
}

export function caseResolved(
  aggregate: LockedAggregate,
  one: Case,
  resolvedAt: Date,
  origin: Origin,
): EventDraft<'conversation.case-resolved'> {
  const times = { cycleStartedAt: one.startedAt.toISOString(), resolvedAt: resolvedAt.toISOString() };
  const data = { case: snapshotOf(one), ...times, isLate: resolvedAt > one.due.at };
  return { aggregate, type: 'conversation.case-resolved', origin, data };
}

export function caseLinked(
  aggregate: LockedAggregate,
  one: Case,
  link: CaseLink,
  isLinked: boolean,
  origin: Origin,
): EventDraft<'conversation.case-linked'> {
  const about = { conversationId: null, orderId: null, ...link };
  const data = { case: snapshotOf(one), ...about, isLinked };
  return { aggregate, type: 'conversation.case-linked', origin, data };
}

export function caseChanged(
  aggregate: LockedAggregate,
  one: Case,
  change: EventData<'conversation.case-changed'>['change'],
  origin: Origin,
): EventDraft<'conversation.case-changed'> {
  const data = { case: snapshotOf(one), change };
  return { aggregate, type: 'conversation.case-changed', origin, data };
}

export function caseDue(
  aggregate: LockedAggregate,
  one: Case,
  stage: EventData<'conversation.case-due'>['stage'],
  origin: Origin,
): EventDraft<'conversation.case-due'> {
  const data = { case: snapshotOf(one), stage };
  return { aggregate, type: 'conversation.case-due', origin, data };
}
