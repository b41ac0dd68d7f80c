import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { TranslationDraftId } from '../ids.ts';
import type { MessageTranslationRow } from '../message/message-translation.store.ts';
import { languageOf } from '../text/locale.domain.ts';

export type DraftRow = Row<'translation_draft'>;

type Trx = Transaction<DB>;

/** The proposal for the same text that was made last, if it is of use. */
export async function findSameDraft(
  trx: Trx,
  { tenantId, conversationId, source, sourceLocale, targetLocale, since }: SameDraft,
): Promise<DraftRow | null> {
  const row = await trx
    .selectFrom('translation_draft')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('created_at', '>', since)
    .where('source_locale', '=', sourceLocale)
    .where('target_locale', '=', targetLocale)
    .where('source', '=', source)
    .where('state', '!=', 'none')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

interface SameDraft {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly source: string;
  readonly sourceLocale: string;
  readonly targetLocale: string;
  readonly since: Date;
}

export async function insertDraft(trx: Trx, { findings, attempts, ...row }: DraftRow): Promise<void> {
  await trx
    .insertInto('translation_draft')
    .values({ ...row, findings: JSON.stringify(findings), attempts: JSON.stringify(attempts) })
    .execute();
}

export async function lockDraft(trx: Trx, tenantId: TenantId, id: TranslationDraftId): Promise<DraftRow | null> {
  const row = await trx
    .selectFrom('translation_draft')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function saveApproval(
  trx: Trx,
  { tenant_id, id, approved_text, approved_at, edit_distance, version }: DraftRow,
): Promise<void> {
  await trx
    .updateTable('translation_draft')
    .set({ approved_text, approved_at, edit_distance, version })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
}

const judgedMax = 2_000;

/** What people changed in the last translations between two languages. */
export async function approvedBetween(
  trx: Trx,
  tenantId: TenantId,
  pair: { readonly source: string; readonly target: string },
): Promise<Pick<DraftRow, 'engine' | 'edit_distance'>[]> {
  const { rows } = await sql<Pick<DraftRow, 'engine' | 'edit_distance' | 'source_locale' | 'target_locale'>>`
    select engine, edit_distance, source_locale, target_locale from translation_draft
    where tenant_id = ${tenantId} and edit_distance is not null
      and split_part(source_locale, '-', 1) = ${pair.source.split('-', 1)[0]}
      and split_part(target_locale, '-', 1) = ${pair.target.split('-', 1)[0]}
    order by approved_at desc limit ${judgedMax}`.execute(trx);
  return rows.filter(
    (row) => languageOf(row.source_locale) === pair.source && languageOf(row.target_locale) === pair.target,
  );
}

/** Replies that were translated: the message that was sent, and the text as the agent wrote it. */
export async function sentDrafts(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly MessageId[],
): Promise<MessageTranslationRow[]> {
  const { rows } = await sql<MessageTranslationRow>`
    select tenant_id, message_id, source_locale as target_locale, conversation_id, target_locale as source_locale,
      approved_text as source, source as target, 'translated' as state, engine, '[]'::jsonb as findings, 0 as tries,
      null::timestamptz as due_at, approved_at as changed_at
    from translation_draft
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and source <> ''`.execute(trx);
  return rows;
}
