import {
  type ConversationId,
  type DecisionId,
  firstIdAt,
  type MessageId,
  newId,
  type TemplateId,
  type TenantId,
} from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { Intent } from '../analysis/labels.domain.ts';
import type { DB, Row } from '../db.ts';
import type { TurnCode } from './turn.domain.ts';

export type Verdict = Row<'turn_verdict'>;

export interface NewVerdict {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly messageIds: readonly MessageId[];
  readonly code: TurnCode;
  readonly detail: string | null;
  readonly intent: Intent | null;
  readonly templateId: TemplateId | null;
  readonly decisionId: DecisionId | null;
  readonly now: Date;
}

export async function insertVerdict(trx: Transaction<DB>, verdict: NewVerdict): Promise<void> {
  const { tenantId, conversationId, messageIds, code, detail, intent, templateId, decisionId, now } = verdict;
  await trx
    .insertInto('turn_verdict')
    .values({
      ...{
        tenant_id: tenantId,
        id: newId(),
        conversation_id: conversationId,
        message_ids: [...messageIds],
        code,
        detail,
      },
      ...{ intent, template_id: templateId, decision_id: decisionId, decided_at: now },
    })
    .execute();
}

/** What became of the turns that a message belongs to, the first one first. */
export async function verdictsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
  messageId: MessageId,
): Promise<Verdict[]> {
  return trx
    .selectFrom('turn_verdict')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where(sql<boolean>`${messageId}::uuid = any(message_ids)`)
    .orderBy('id')
    .execute();
}

export async function forgetVerdicts(trx: Transaction<DB>, before: Date): Promise<void> {
  await sql`delete from turn_verdict where id < ${firstIdAt(before)}::uuid`.execute(trx);
}
