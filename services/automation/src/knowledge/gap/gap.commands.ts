import type { ArticleId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { articlesByIds } from '../article/article.store.ts';
import { generalised } from '../generalised.domain.ts';
import type { GapId } from '../ids.ts';
import { gapFor } from './gap-for.ts';
import {
  type AskedQuestion,
  countQuestion,
  gapById,
  type Gap,
  insertGap,
  insertQuestion,
  lockQuestions,
  settleGap,
} from './gap.store.ts';

/**
 * Counts a question that nothing answers, together with those that ask nearly the same. The same words of one
 * conversation are one question, however often somebody looks. It is counted with those of other stores, so it lifts the
 * limits of the caller: nothing else is read in this transaction afterwards.
 */
export async function noteGap(trx: Transaction<DB>, question: AskedQuestion, now: Date): Promise<Gap> {
  const asked = { ...question, text: generalised(question.text.trim()) };
  await liftLimits(trx);
  const before = await lockQuestions(trx, asked);
  const { tenantId, text, conversationId } = asked;
  const known = before.find((one) => one.text === text && one.conversation_id === conversationId);
  if (known !== undefined && conversationId !== null) return gapById(trx, tenantId, known.gap_id);
  const gapId = gapFor(text, before);
  const gap = gapId === null ? await insertGap(trx, asked, now) : await countQuestion(trx, tenantId, gapId, now);
  if (known === undefined) await insertQuestion(trx, gap.id, asked, now);
  return gap;
}

export interface SettleGapInput {
  readonly gapId: GapId;
  /** Null: no article is needed. */
  readonly articleId: ArticleId | null;
}

/** Says which article answers a gap from now on. */
export async function settleKnowledgeGap(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { gapId, articleId }: SettleGapInput,
): Promise<Outcome<Gap, 'NOT_FOUND'>> {
  if (articleId !== null && !(await articlesByIds(trx, tenantId, [articleId])).has(articleId))
    return refuse('NOT_FOUND', 'articleId', 'There is no article with this id: take one from articles.');
  const gap = await settleGap(trx, { tenantId, id: gapId, articleId, now: clock.now() });
  if (gap === null) return refuse('NOT_FOUND', 'gapId', 'There is no gap with this id: take one from knowledgeGaps.');
  return changed(gap, gap.id);
}
