import type { ConversationId, ErasedRows, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { ReplyDraftId } from '../assistant.domain.ts';

export type ReplyDraftRow = Row<'reply_draft'>;

export async function insertReplyDraft(
  trx: Transaction<DB>,
  { citations, findings, ...row }: ReplyDraftRow,
): Promise<void> {
  await trx
    .insertInto('reply_draft')
    .values({ ...row, citations: JSON.stringify(citations), findings: JSON.stringify(findings) })
    .execute();
}

/** Writes what became of a draft; nothing if its conversation was erased meanwhile. */
export async function finishReplyDraft(
  trx: Transaction<DB>,
  tenantId: TenantId,
  id: ReplyDraftId,
  {
    citations,
    findings,
    ...content
  }: Pick<ReplyDraftRow, 'text' | 'state' | 'failure' | 'action' | 'citations' | 'findings' | 'model'>,
): Promise<void> {
  await trx
    .updateTable('reply_draft')
    .set({ ...content, citations: JSON.stringify(citations), findings: JSON.stringify(findings) })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

export async function replyDraftsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ReplyDraftId[],
): Promise<Map<ReplyDraftId, ReplyDraftRow>> {
  const rows = await trx
    .selectFrom('reply_draft')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export async function readReplyDraft(
  trx: Transaction<DB>,
  tenantId: TenantId,
  id: ReplyDraftId,
): Promise<ReplyDraftRow | null> {
  const row = await trx
    .selectFrom('reply_draft')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Two equal requests at the same time wait for one another. */
export async function lockConversation(
  trx: Transaction<DB>,
  { tenant_id, conversation_id }: Pick<ReplyDraftRow, 'tenant_id' | 'conversation_id'>,
): Promise<void> {
  const key = `automation reply draft ${tenant_id} ${conversation_id}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
}

export type SameReplyDraft = Pick<
  ReplyDraftRow,
  'tenant_id' | 'conversation_id' | 'message_id' | 'instruction' | 'locale'
>;

/** The last draft for the same message and wish, if it was not a failure. */
export async function findSameReplyDraft(
  trx: Transaction<DB>,
  { tenant_id, conversation_id, message_id, instruction, locale }: SameReplyDraft,
  since: Date,
): Promise<ReplyDraftRow | null> {
  const row = await trx
    .selectFrom('reply_draft')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('conversation_id', '=', conversation_id)
    .where('created_at', '>', since)
    .where('message_id', '=', message_id)
    .where(sql<boolean>`instruction is not distinct from ${instruction}`)
    .where('locale', '=', locale)
    .where('state', '!=', 'failed')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function eraseReplyDrafts(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numDeletedRows } = await trx
    .deleteFrom('reply_draft')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'reply_draft', count: Number(numDeletedRows) }];
}

export async function forgetReplyDrafts(trx: Transaction<DB>, before: Date): Promise<void> {
  await trx.deleteFrom('reply_draft').where('created_at', '<', before).execute();
}
