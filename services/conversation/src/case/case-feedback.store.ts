import type { CaseId, FeedbackId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Case } from './case.domain.ts';

type Trx = Transaction<DB>;

/** The case that feedback has; null: none. */
export async function caseIdOfFeedback(trx: Trx, tenantId: TenantId, feedbackId: FeedbackId): Promise<CaseId | null> {
  const row = await trx
    .selectFrom('case_feedback')
    .select('case_id')
    .where('tenant_id', '=', tenantId)
    .where('feedback_id', '=', feedbackId)
    .executeTakeFirst();
  return row?.case_id ?? null;
}

/** Notes the case of feedback. It has one at a time: a later one takes the place of a case that stays closed. */
export async function saveCaseOfFeedback(trx: Trx, { tenantId, id }: Case, feedbackId: FeedbackId): Promise<void> {
  await trx
    .insertInto('case_feedback')
    .values({ tenant_id: tenantId, feedback_id: feedbackId, case_id: id })
    .onConflict((clash) => clash.columns(['tenant_id', 'feedback_id']).doUpdateSet({ case_id: id }))
    .execute();
}

/** What a buyer said that each case is about. */
export async function feedbackOfCases(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CaseId[],
): Promise<Map<CaseId, FeedbackId>> {
  const { rows } = await sql<Row<'case_feedback'>>`
    select * from case_feedback where tenant_id = ${tenantId} and case_id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.case_id, row.feedback_id]));
}
