import type { ConversationId, DecisionId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

interface ExecutedDecision {
  readonly tenantId: TenantId;
  readonly decisionId: DecisionId;
  readonly conversationId: ConversationId;
}

/** Records that a decision is carried out in this transaction; false if it was already. */
export async function claimDecision(
  trx: Transaction<DB>,
  { tenantId, decisionId, conversationId }: ExecutedDecision,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .insertInto('executed_decision')
    .values({ tenant_id: tenantId, decision_id: decisionId, conversation_id: conversationId, executed_at: now })
    .onConflict((clash) => clash.columns(['tenant_id', 'decision_id']).doNothing())
    .returning('decision_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Longer than the log holds the decisions. */
const keptDays = 90;

export async function forgetOldDecisions(trx: Transaction<DB>): Promise<void> {
  await trx
    .deleteFrom('executed_decision')
    .where('executed_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}
