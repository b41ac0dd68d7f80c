import { type ArticleId, type ConversationId, type ErasedRows, newId, type TenantId } from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { GapId, GapQuestionId } from '../ids.ts';

export type Gap = Row<'knowledge_gap'>;

export interface AskedQuestion {
  readonly tenantId: TenantId;
  readonly language: string;
  /** Generalised. */
  readonly text: string;
  readonly conversationId: ConversationId | null;
}

/** What was asked before is compared with this many of the last questions of the language. */
const comparedMax = 500;

/** Locks the gaps of a language, and reads their last questions, open gaps and settled ones. */
export async function lockQuestions(
  trx: Transaction<DB>,
  { tenantId, language }: Pick<AskedQuestion, 'tenantId' | 'language'>,
): Promise<Pick<Row<'knowledge_gap_question'>, 'gap_id' | 'text' | 'conversation_id'>[]> {
  const lock = `automation gaps ${tenantId} ${language}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
  return trx
    .selectFrom('knowledge_gap as g')
    .innerJoin('knowledge_gap_question as q', (join) =>
      join.onRef('q.tenant_id', '=', 'g.tenant_id').onRef('q.gap_id', '=', 'g.id'),
    )
    .select(['q.gap_id', 'q.text', 'q.conversation_id'])
    .where('g.tenant_id', '=', tenantId)
    .where('g.language', '=', language)
    .orderBy('g.last_asked_at', 'desc')
    .limit(comparedMax)
    .execute();
}

export async function gapById(trx: Transaction<DB>, tenantId: TenantId, id: GapId): Promise<Gap> {
  return trx
    .selectFrom('knowledge_gap')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

export async function insertGap(trx: Transaction<DB>, { tenantId, language }: AskedQuestion, now: Date): Promise<Gap> {
  const row = { tenant_id: tenantId, id: newId<GapId>(), language, asked_count: 1 };
  return trx
    .insertInto('knowledge_gap')
    .values({ ...row, first_asked_at: now, last_asked_at: now })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Counts a question; a gap that an article was to close is open again. */
export async function countQuestion(trx: Transaction<DB>, tenantId: TenantId, id: GapId, now: Date): Promise<Gap> {
  const { rows } = await sql<Gap>`
    update knowledge_gap set asked_count = asked_count + 1, last_asked_at = ${now},
      settled_at = case when article_id is null then settled_at end, article_id = null
    where tenant_id = ${tenantId} and id = ${id} returning *`.execute(trx);
  const [gap] = rows;
  if (gap === undefined) throw new Error('a gap that is locked is gone');
  return gap;
}

const examplesMax = 10;

/** Keeps the words, if there are not enough of them yet. */
export async function insertQuestion(
  trx: Transaction<DB>,
  gapId: GapId,
  { tenantId, text, conversationId }: AskedQuestion,
  now: Date,
): Promise<void> {
  await sql`
    insert into knowledge_gap_question (tenant_id, gap_id, id, text, conversation_id, asked_at)
    select ${tenantId}, ${gapId}, ${newId<GapQuestionId>()}, ${text}, ${conversationId}, ${now}
    where (select count(*) from knowledge_gap_question where tenant_id = ${tenantId} and gap_id = ${gapId})
      < ${examplesMax}`.execute(trx);
}

/** Settles a gap; null if there is none with this id. */
export async function settleGap(
  trx: Transaction<DB>,
  { tenantId, id, articleId, now }: { tenantId: TenantId; id: GapId; articleId: ArticleId | null; now: Date },
): Promise<Gap | null> {
  const row = await trx
    .updateTable('knowledge_gap')
    .set({ settled_at: now, article_id: articleId })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

export interface GapPage {
  readonly isSettled: boolean | null;
  readonly first: number;
  readonly after: { readonly count: number; readonly id: string } | null;
}

/** Gaps, the one that was asked for most often first: one more than asked for. */
export async function listGaps(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { isSettled, first, after }: GapPage,
): Promise<Gap[]> {
  const behind = after === null ? sql`` : sql`and (asked_count, id) < (${after.count}::int, ${after.id}::uuid)`;
  const { rows } = await sql<Gap>`
    select * from knowledge_gap where tenant_id = ${tenantId} ${settled(isSettled)} ${behind}
    order by asked_count desc, id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countGaps(trx: Transaction<DB>, tenantId: TenantId, isSettled: boolean | null): Promise<number> {
  return countRows(trx, sql`select 1 from knowledge_gap where tenant_id = ${tenantId} ${settled(isSettled)}`);
}

function settled(isSettled: boolean | null) {
  if (isSettled === null) return sql``;
  return isSettled ? sql`and settled_at is not null` : sql`and settled_at is null`;
}

/** The words of gaps, the last first. */
export async function questionsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly GapId[],
): Promise<Map<GapId, string[]>> {
  const rows = await trx
    .selectFrom('knowledge_gap_question')
    .select(['gap_id', 'text'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`gap_id = any(${ids}::uuid[])`)
    .orderBy('id', 'desc')
    .execute();
  const ofGap = Map.groupBy(rows, (row) => row.gap_id);
  return new Map([...ofGap].map(([id, questions]) => [id, questions.map(({ text }) => text)]));
}

export async function eraseQuestions(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numDeletedRows } = await trx
    .deleteFrom('knowledge_gap_question')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'knowledge_gap_question', count: Number(numDeletedRows) }];
}

const keptDays = 396;

/** What nobody has asked for 13 months is no gap. */
export async function forgetGaps(trx: Transaction<DB>, now: Date): Promise<void> {
  const before = new Date(now.getTime() - keptDays * 86_400_000);
  await sql`delete from knowledge_gap where last_asked_at < ${before}`.execute(trx);
}
