import type { DecisionId, FeedbackId, TenantId } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type Origin } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { placeOfConversation } from '../feedback/place.store.ts';
import { receive, type ReceiveDeps } from '../feedback/receive.ts';
import { answered, type Survey } from './survey.domain.ts';
import { surveyAnswered, surveySent } from './survey.events.ts';
import { lockSurvey, noteSurveys, saveAnswer, surveyAggregate } from './survey.store.ts';

type Trx = Transaction<DB>;

interface Sent {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly origin: Origin;
}

/** Notes surveys that were written into their conversations, and tells them. */
export async function takeSent({ outbox }: ReceiveDeps, trx: Trx, sent: readonly Sent[]): Promise<void> {
  const origins = new Map(sent.map(({ id, origin }) => [id, origin]));
  const surveys = await noteSurveys(trx, sent);
  await outbox.append(
    trx,
    surveys.flatMap((survey) => {
      const origin = origins.get(survey.id);
      return origin === undefined ? [] : [surveySent(surveyAggregate(survey), survey, origin)];
    }),
  );
}

/** Takes the answers that buyers gave in their conversations: each is feedback, like a review. */
export async function takeAnswers(
  deps: ReceiveDeps,
  trx: Trx,
  added: readonly Delivered<'conversation.message-added'>[],
): Promise<void> {
  for (const one of added) {
    const { tenantId, data, occurredAt } = one.event;
    if (data.answers === undefined) continue;
    const { decisionId: id, score } = data.answers;
    const origin = causedByEvent(one);
    // The answer may come here before the news that the question was written.
    await takeSent(deps, trx, [{ tenantId, id, origin }]);
    const survey = await lockSurvey(trx, tenantId, id);
    if (survey !== null) await takeAnswer(deps, trx, { survey, score, at: new Date(occurredAt), origin });
  }
}

interface Answer {
  readonly survey: Survey;
  readonly score: number;
  readonly at: Date;
  readonly origin: Origin;
}

async function takeAnswer(deps: ReceiveDeps, trx: Trx, { survey, score, at, origin }: Answer): Promise<void> {
  const after = answered(survey, score, at);
  if (after === survey) return;
  await saveAnswer(trx, after);
  const feedbackId = await toFeedback(deps, trx, { survey: after, score, at, origin });
  await deps.outbox.append(trx, [
    surveyAnswered(surveyAggregate(after), { survey: after, score, previousScore: survey.score, feedbackId }, origin),
  ]);
}

async function toFeedback(deps: ReceiveDeps, trx: Trx, { survey, score, at, origin }: Answer): Promise<FeedbackId> {
  const { tenantId, id, accountId, profileId, conversationId } = survey;
  const place = await placeOfConversation(trx, tenantId, conversationId);
  const said = { kind: 'survey-answer', score, text: null, language: null, skus: [], givenAt: at } as const;
  const named = { externalOrderId: null, buyerExternalId: null, externalId: id, recordedBy: null };
  const about = { accountId, profileId, conversationId, orderId: place?.orderId ?? null };
  const feedback = await receive(deps, trx, { tenantId, source: 'survey', ...said, ...named, ...about }, origin);
  return feedback.id;
}
