import type { FeedbackId } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Survey } from './survey.domain.ts';

function snapshotOf({ id: surveyId, policyId, conversationId, cycle, accountId, profileId }: Survey) {
  return { surveyId, policyId, conversationId, cycle, accountId, profileId };
}

export function surveySent(aggregate: LockedAggregate, survey: Survey, origin: Origin): EventDraft<'crm.survey-sent'> {
  return { aggregate, type: 'crm.survey-sent', origin, data: snapshotOf(survey) };
}

export function surveyAnswered(
  aggregate: LockedAggregate,
  {
    survey,
    ...answer
  }: {
    readonly survey: Survey;
    readonly score: number;
    readonly previousScore: number | null;
    readonly feedbackId: FeedbackId;
  },
  origin: Origin,
): EventDraft<'crm.survey-answered'> {
  return { aggregate, type: 'crm.survey-answered', origin, data: { ...snapshotOf(survey), ...answer } };
}
