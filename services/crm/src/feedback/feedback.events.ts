import type { AgentId, EventData } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import { handlingOf } from './classify.domain.ts';
import type { Feedback, Outcome } from './feedback.domain.ts';

function snapshotOf(one: Feedback): EventData<'crm.feedback-received'> {
  const { id: feedbackId, source, kind, type, urgency, score, accountId, profileId, conversationId, orderId } = one;
  const about = { accountId, profileId, conversationId, orderId, skus: [...one.skus] };
  return { feedbackId, source, kind, type, urgency, handling: handlingOf(urgency), score, ...about };
}

export function feedbackReceived(
  aggregate: LockedAggregate,
  one: Feedback,
  origin: Origin,
): EventDraft<'crm.feedback-received'> {
  return { aggregate, type: 'crm.feedback-received', origin, data: snapshotOf(one) };
}

export function feedbackEscalated(
  aggregate: LockedAggregate,
  one: Feedback,
  reason: EventData<'crm.feedback-escalated'>['reason'],
  origin: Origin,
): EventDraft<'crm.feedback-escalated'> {
  const data = { ...snapshotOf(one), reason };
  return { aggregate, type: 'crm.feedback-escalated', origin, data };
}

export function feedbackConfirmed(
  aggregate: LockedAggregate,
  one: Feedback,
  outcome: Outcome,
  confirmedBy: AgentId | null,
  origin: Origin,
): EventDraft<'crm.feedback-confirmed'> {
  const data = { feedbackId: one.id, outcome, caseId: one.caseId, confirmedBy };
  return { aggregate, type: 'crm.feedback-confirmed', origin, data };
}
