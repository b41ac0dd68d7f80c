import { type ConversationId, type MessageId, surveyAnswerHoursMax, surveyScoreOf } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Message } from '../message/message.domain.ts';
import type { SurveyAnswer } from '../message/message.events.ts';
import { openQuestions } from './survey-question.store.ts';

interface Told {
  readonly message: Message;
  /** The thread it came on, whatever conversation that is in now. */
  readonly threadId: ConversationId;
}

const answerMsMax = surveyAnswerHoursMax * 3_600_000;
/** Platforms tell whole seconds. */
const stepMs = 1_000;

/**
 * Which messages are the answer to a survey: nothing but a number from 1 to 5, within 72 hours, and nobody of the seller has
 * written since. Nothing is read unless a message looks like one.
 */
export async function surveyAnswersIn(
  trx: Transaction<DB>,
  told: readonly Told[],
): Promise<ReadonlyMap<MessageId, SurveyAnswer>> {
  const candidates = told.flatMap(({ message, threadId }) => {
    const score = message.direction === 'inbound' && message.author === 'buyer' ? surveyScoreOf(message.content) : null;
    return score === null ? [] : [{ message, threadId, score }];
  });
  if (candidates.length === 0) return new Map();
  const earliest = Math.min(...candidates.map(({ message }) => message.occurredAt.getTime()));
  const threads = candidates.map(({ message: { tenantId, conversationId }, threadId }) => ({
    ...{ tenantId, threadId, conversationId },
  }));
  const questions = await openQuestions(trx, threads, new Date(earliest - answerMsMax));
  return new Map(
    candidates.flatMap(({ message, threadId, score }) => {
      const question = questions.get(threadId);
      if (question === undefined) return [];
      const sinceMs = message.occurredAt.getTime() - question.askedAt.getTime();
      const isInTime = sinceMs > -stepMs && sinceMs <= answerMsMax;
      return isInTime ? [[message.id, { decisionId: question.decisionId, score }] as const] : [];
    }),
  );
}
