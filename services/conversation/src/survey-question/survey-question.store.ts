import type { ConversationId, DecisionId, MessageId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

type Trx = Transaction<DB>;

export interface SurveyQuestion {
  readonly tenantId: TenantId;
  readonly threadId: ConversationId;
  readonly decisionId: DecisionId;
  readonly messageId: MessageId;
  readonly askedAt: Date;
}

/** Notes the survey that was sent on a thread; it takes the place of an earlier one. */
export async function saveQuestion(trx: Trx, question: SurveyQuestion): Promise<void> {
  const { tenantId, threadId, decisionId, messageId, askedAt } = question;
  const set = { decision_id: decisionId, message_id: messageId, asked_at: askedAt };
  await trx
    .insertInto('survey_question')
    .values({ tenant_id: tenantId, thread_id: threadId, ...set })
    .onConflict((clash) => clash.columns(['tenant_id', 'thread_id']).doUpdateSet(set))
    .execute();
}

interface Thread {
  readonly tenantId: TenantId;
  readonly threadId: ConversationId;
  readonly conversationId: ConversationId;
}

/**
 * The surveys that threads still wait for: asked after a time, and nobody of the seller has written in the conversation
 * since, because then a number may answer that.
 */
export async function openQuestions(
  trx: Trx,
  threads: readonly Thread[],
  since: Date,
): Promise<Map<ConversationId, SurveyQuestion>> {
  const { rows } = await sql<{
    tenant_id: TenantId;
    thread_id: ConversationId;
    decision_id: DecisionId;
    message_id: MessageId;
    asked_at: Date;
  }>`
    select q.* from survey_question q
    join unnest(${threads.map((t) => t.tenantId)}::uuid[], ${threads.map((t) => t.threadId)}::uuid[],
      ${threads.map((t) => t.conversationId)}::uuid[]) as t (tenant_id, thread_id, conversation_id)
      on t.tenant_id = q.tenant_id and t.thread_id = q.thread_id
    where q.asked_at >= ${since} and not exists (
      select from message m where m.tenant_id = t.tenant_id and m.conversation_id = t.conversation_id
        and m.direction = 'outbound' and m.recorded_at > q.asked_at and m.id <> q.message_id)`.execute(trx);
  return new Map(
    rows.map((row) => [
      row.thread_id,
      {
        tenantId: row.tenant_id,
        threadId: row.thread_id,
        decisionId: row.decision_id,
        messageId: row.message_id,
        askedAt: row.asked_at,
      },
    ]),
  );
}
