import type { ConversationId, ErasedRows, MessageId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';

type Trx = Transaction<DB>;
export type MessageTranslationRow = Row<'message_translation'>;
export type SettingRow = Row<'translation_setting'>;

export interface MessageText {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  /** BCP 47. */
  readonly language: string;
  readonly text: string;
}

/**
 * Keeps messages in other languages for translation, in workspaces that want it; due now if that is automatic. False if
 * no workspace does.
 */
export async function queueMessages(trx: Trx, messages: readonly MessageText[], now: Date): Promise<boolean> {
  if (messages.length === 0) return false;
  const { numAffectedRows } = await sql`
    insert into message_translation (tenant_id, message_id, target_locale, conversation_id, source_locale, source, target,
      state, engine, findings, tries, due_at, changed_at)
    select m.tenant_id, m.message_id, s.target_locale, m.conversation_id, m.language, m.text, null,
      case s.mode when 'automatic' then 'queued' else 'waiting' end, null, '[]', 0,
      case s.mode when 'automatic' then ${now}::timestamptz end, ${now}
    from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.messageId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${messages.map((m) => m.language)}::text[],
      ${messages.map((m) => m.text)}::text[]) as m (tenant_id, message_id, conversation_id, language, text)
    join translation_setting s on s.tenant_id = m.tenant_id and s.mode <> 'off'
      and split_part(s.target_locale, '-', 1) <> split_part(m.language, '-', 1)
    order by m.tenant_id, m.message_id
    on conflict (tenant_id, message_id, target_locale) do nothing`.execute(trx);
  return numAffectedRows !== undefined && numAffectedRows > 0n;
}

export interface ChangedText {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  /** Null: the message was deleted. */
  readonly text: string | null;
}

/** A message was edited: what was translated is translated again. Deleted: no word of it stays. */
export async function changeText(trx: Trx, { tenantId, messageId, text }: ChangedText, now: Date): Promise<void> {
  await sql`
    update message_translation set source = ${text ?? ''}, target = null, findings = '[]', engine = null, tries = 0,
      state = case when ${text}::text is null then 'none' when state = 'waiting' then 'waiting' else 'queued' end,
      due_at = case when ${text}::text is null or state = 'waiting' then null else ${now}::timestamptz end,
      changed_at = ${now}
    where tenant_id = ${tenantId} and message_id = ${messageId} and source <> ''`.execute(trx);
}

/** Longer than all engines together may take. */
const leaseMs = 60_000;

/** Takes messages that are due; they are due again when the lease ends. */
export async function claimDue(trx: Trx, limit: number, now: Date): Promise<MessageTranslationRow[]> {
  const { rows } = await sql<MessageTranslationRow>`
    update message_translation m set due_at = ${new Date(now.getTime() + leaseMs)}, tries = m.tries + 1
    from (select tenant_id, message_id, target_locale from message_translation
      where due_at <= ${now} order by due_at limit ${limit} for update skip locked) d
    where m.tenant_id = d.tenant_id and m.message_id = d.message_id and m.target_locale = d.target_locale
    returning m.*`.execute(trx);
  return rows;
}

export type Outcome = Pick<MessageTranslationRow, 'state' | 'target' | 'engine' | 'findings' | 'due_at'>;

/** Writes what became of a claimed message. False: its words were changed or erased meanwhile. */
export async function settleClaimed(
  trx: Trx,
  { tenant_id, message_id, target_locale, source, tries }: MessageTranslationRow,
  { findings, ...outcome }: Outcome,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('message_translation')
    .set({ ...outcome, findings: JSON.stringify(findings), changed_at: now })
    .where('tenant_id', '=', tenant_id)
    .where('message_id', '=', message_id)
    .where('target_locale', '=', target_locale)
    .where('source', '=', source)
    .where('tries', '=', tries)
    .where('due_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function translationsOfMessages(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly MessageId[],
): Promise<MessageTranslationRow[]> {
  const { rows } = await sql<MessageTranslationRow>`
    select * from message_translation where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[])
    order by message_id, target_locale`.execute(trx);
  return rows;
}

/** Locks the translations of a message, into whatever language. */
export async function lockMessage(
  trx: Trx,
  tenantId: TenantId,
  messageId: MessageId,
): Promise<MessageTranslationRow[]> {
  const { rows } = await sql<MessageTranslationRow>`
    select * from message_translation where tenant_id = ${tenantId} and message_id = ${messageId}
    order by target_locale for update`.execute(trx);
  return rows;
}

export async function saveMessage(trx: Trx, { findings, ...row }: MessageTranslationRow): Promise<void> {
  const values = { ...row, findings: JSON.stringify(findings) };
  const { tenant_id: _tenantId, message_id: _messageId, target_locale: _locale, ...state } = values;
  await trx
    .insertInto('message_translation')
    .values(values)
    .onConflict((clash) => clash.columns(['tenant_id', 'message_id', 'target_locale']).doUpdateSet(state))
    .execute();
}

export async function readSetting(trx: Trx, tenantId: TenantId): Promise<SettingRow | null> {
  const row = await trx
    .selectFrom('translation_setting')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}

/** Locks the settings of a workspace, also one that has none yet. */
export async function lockSetting(trx: Trx, tenantId: TenantId): Promise<SettingRow | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation translation ${tenantId}`}, 0))`.execute(trx);
  return readSetting(trx, tenantId);
}

export async function saveSetting(trx: Trx, { tenant_id, ...state }: SettingRow): Promise<void> {
  await trx
    .insertInto('translation_setting')
    .values({ tenant_id, ...state })
    .onConflict((clash) => clash.column('tenant_id').doUpdateSet(state))
    .execute();
}

/** The translated reply that a message was, once its approved text was sent. */
export async function noteSent(
  trx: Trx,
  sent: readonly { tenantId: TenantId; conversationId: ConversationId; messageId: MessageId; text: string }[],
): Promise<void> {
  if (sent.length === 0) return;
  await sql`
    update translation_draft d set message_id = s.message_id
    from (select distinct on (tenant_id, conversation_id, text) * from unnest(${sent.map((s) => s.tenantId)}::uuid[],
      ${sent.map((s) => s.conversationId)}::uuid[], ${sent.map((s) => s.messageId)}::uuid[],
      ${sent.map((s) => s.text)}::text[]) as s (tenant_id, conversation_id, message_id, text)) s
    where d.tenant_id = s.tenant_id and d.conversation_id = s.conversation_id and d.approved_text = s.text
      and d.message_id is null`.execute(trx);
}

interface Erased {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

/** Erases the words of the buyer's messages in a conversation. */
export async function eraseMessages(trx: Trx, { tenantId, conversationId }: Erased): Promise<ErasedRows> {
  const { numUpdatedRows } = await trx
    .updateTable('message_translation')
    .set({ source: '', target: null, findings: '[]', state: 'none', due_at: null })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'message_translation', count: Number(numUpdatedRows) }];
}

/** Erases the words of replies to the buyer, and what the memory kept of them. */
export async function eraseDrafts(trx: Trx, { tenantId, conversationId }: Erased): Promise<ErasedRows> {
  const drafts = await trx
    .updateTable('translation_draft')
    .set({ source: '', target: null, approved_text: null, findings: '[]' })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  const units = await trx
    .deleteFrom('tm_unit')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [
    { table: 'translation_draft', count: Number(drafts.numUpdatedRows) },
    { table: 'tm_unit', count: Number(units.numDeletedRows) },
  ];
}
