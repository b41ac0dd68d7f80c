import { type ConversationId, type ErasedRows, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { SuggestionId } from './suggestion.domain.ts';
import type { Candidate, Feedback, Outcome, Source } from './suggestion.domain.ts';

type SuggestionRow = Row<'suggestion'>;

export interface Offer {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly intents: readonly string[];
}

/** Records what is offered for a message; what was offered before keeps its id and its outcome. In the given order. */
export async function offer(
  trx: Transaction<DB>,
  { tenantId, conversationId, messageId, intents }: Offer,
  candidates: readonly Candidate[],
  now: Date,
): Promise<Pick<SuggestionRow, 'id' | 'outcome'>[]> {
  if (candidates.length === 0) return [];
  const rows = await trx
    .insertInto('suggestion')
    .values(
      candidates.map(({ source, locale, text }) => ({
        tenant_id: tenantId,
        id: newId<SuggestionId>(),
        conversation_id: conversationId,
        message_id: messageId,
        source_kind: source.kind,
        source_id: source.id,
        source_version: source.version,
        locale,
        text,
        intents: [...intents],
        suggested_at: now,
      })),
    )
    .onConflict((clash) =>
      clash
        .columns(['tenant_id', 'message_id', 'source_kind', 'source_id', 'locale'])
        .doUpdateSet((eb) => ({ text: eb.ref('excluded.text'), source_version: eb.ref('excluded.source_version') })),
    )
    .returning(['id', 'outcome', 'source_kind', 'source_id', 'locale'])
    .execute();
  const keyOf = (kind: string, id: string, locale: string) => [kind, id, locale].join(' ');
  const byKey = new Map(rows.map((row) => [keyOf(row.source_kind, row.source_id, row.locale), row]));
  return candidates.flatMap(({ source, locale }) => byKey.get(keyOf(source.kind, source.id, locale)) ?? []);
}

export async function lockSuggestion(
  trx: Transaction<DB>,
  tenantId: TenantId,
  id: SuggestionId,
): Promise<SuggestionRow | null> {
  const row = await trx
    .selectFrom('suggestion')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Suggestions without an outcome in conversations that something was just sent in. */
export async function lockOpen(
  trx: Transaction<DB>,
  sent: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId }[],
): Promise<SuggestionRow[]> {
  if (sent.length === 0) return [];
  const { rows } = await sql<SuggestionRow>`
    select s.* from suggestion s
    where (s.tenant_id, s.conversation_id) in (
      select * from unnest(${sent.map((one) => one.tenantId)}::uuid[], ${sent.map((one) => one.conversationId)}::uuid[]))
      and s.outcome is null
    order by s.tenant_id, s.id for update`.execute(trx);
  return rows;
}

const feedbackColumns = { used: [1, 0, 0], edited: [0, 1, 0], rejected: [0, 0, 1] } as const;

/** Writes what became of a suggestion, and counts it for its source. */
export async function settle(
  trx: Transaction<DB>,
  { tenant_id: tenantId, id, source_kind: kind, source_id: sourceId, intents }: SuggestionRow,
  outcome: Outcome,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('suggestion')
    .set({ outcome, settled_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
  const [used, edited, rejected] = feedbackColumns[outcome];
  await sql`
    insert into suggestion_feedback as f (tenant_id, source_kind, source_id, intent, used, edited, rejected)
    select ${tenantId}, ${kind}, ${sourceId}, intent, ${used}, ${edited}, ${rejected}
    from unnest(${['', ...intents]}::text[]) as i (intent) order by intent
    on conflict (tenant_id, source_kind, source_id, intent) do update
    set used = f.used + excluded.used, edited = f.edited + excluded.edited, rejected = f.rejected + excluded.rejected`.execute(
    trx,
  );
}

/**
 * What was learnt about sources: for the intents of the message, or at all if nothing is known for these. Keyed by the id of
 * the source.
 */
export async function feedbackOn(
  trx: Transaction<DB>,
  tenantId: TenantId,
  sources: readonly Source[],
  intents: readonly string[],
): Promise<Map<string, Feedback>> {
  const { rows } = await sql<Feedback & { source_id: string }>`
    select distinct on (source_id) source_id, used, edited, rejected from (
      select source_id, intent = '' as is_general, sum(used)::int as used, sum(edited)::int as edited,
        sum(rejected)::int as rejected
      from suggestion_feedback
      where tenant_id = ${tenantId} and source_id = any(${sources.map(({ id }) => id)}::uuid[])
        and intent = any(${['', ...intents]}::text[])
      group by source_id, intent = '') f
    order by source_id, is_general`.execute(trx);
  return new Map(rows.map((row) => [row.source_id, row]));
}

const answeredMax = 200;

/** The messages that were answered last with a suggestion, with their words as long as these are kept. */
export async function answeredMessages(
  trx: Transaction<DB>,
  tenantId: TenantId,
): Promise<{ readonly sourceId: string; readonly text: string }[]> {
  const { rows } = await sql<{ source_id: string; text: string }>`
    select s.source_id, t.text from (
      select * from suggestion where tenant_id = ${tenantId} and outcome in ('used', 'edited')
      order by settled_at desc limit ${answeredMax}) s
    join message_text t on t.tenant_id = s.tenant_id and t.message_id = s.message_id`.execute(trx);
  return rows.map((row) => ({ sourceId: row.source_id, text: row.text }));
}

/** Erases the words that were offered in a conversation: they may have the buyer's name. */
export async function eraseSuggestions(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numUpdatedRows } = await trx
    .updateTable('suggestion')
    .set({ text: '' })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'suggestion', count: Number(numUpdatedRows) }];
}

const keptDays = 90;

/** What was learnt stays; suggestions are kept as long as the messages that they answer. */
export async function forgetSuggestions(trx: Transaction<DB>, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptDays * 86_400_000);
  await sql`delete from suggestion where suggested_at < ${before}`.execute(trx);
}
