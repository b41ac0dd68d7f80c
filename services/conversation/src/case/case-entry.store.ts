import type { CaseId, ConversationId, TenantId } from '@crossdesk/contracts';
import { countMax } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { CaseEntry } from './case-entry.domain.ts';
import type { CaseKey } from './case-link.store.ts';

type Trx = Transaction<DB>;

export async function insertEntry(
  trx: Trx,
  { tenantId, id: caseId }: CaseKey,
  { id, kind, actor, before, after, text, at }: Omit<CaseEntry, 'caseId'>,
): Promise<void> {
  await trx
    .insertInto('case_entry')
    .values({
      tenant_id: tenantId,
      case_id: caseId,
      id,
      kind,
      actor_kind: actor.kind,
      actor_id: actor.id,
      before: JSON.stringify(before),
      after: JSON.stringify(after),
      text,
      at,
    })
    .execute();
}

/** A page of what was done in each case, the newest first, and one more if there are any behind it. */
export async function entryPages(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CaseId[],
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<Map<CaseId, CaseEntry[]>> {
  const behind = after === null ? sql`` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<Row<'case_entry'>>`
    select e.* from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select * from case_entry where tenant_id = ${tenantId} and case_id = c.id ${behind}
      order by id desc limit ${first + 1}) e
    order by e.id desc`.execute(trx);
  return Map.groupBy(rows.map(toEntry), ({ caseId }) => caseId);
}

/** Counts what was done in each case, up to `countMax + 1`. */
export async function entryCounts(trx: Trx, tenantId: TenantId, ids: readonly CaseId[]): Promise<Map<CaseId, number>> {
  const { rows } = await sql<{ id: CaseId; count: number }>`
    select c.id, n.count from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select count(*)::int as count from (
        select 1 from case_entry where tenant_id = ${tenantId} and case_id = c.id limit ${countMax + 1}) as counted) as n`.execute(
    trx,
  );
  return new Map(rows.map((row) => [row.id, row.count]));
}

/** Whether an entry of a case that the caller sees is there. */
export async function findEntry(
  trx: Trx,
  { tenantId, id: caseId }: CaseKey,
  id: string,
): Promise<Pick<CaseEntry, 'id'> | null> {
  const row = await trx
    .selectFrom('case_entry')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('case_id', '=', caseId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Empties what people wrote in the cases about a conversation: titles and notes. Returns how many rows, by table. */
export async function eraseCases(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<{ table: string; count: number }[]> {
  const own = sql`select case_id from case_conversation
    where tenant_id = ${tenantId} and conversation_id = ${conversationId}`;
  const cases = await sql`
    update after_sales_case set title = '' where tenant_id = ${tenantId} and id in (${own})`.execute(trx);
  const entries = await sql`
    update case_entry set text = case when text is null then null else '' end, before = before - 'title', after = after - 'title'
    where tenant_id = ${tenantId} and case_id in (${own}) and (text is not null or before ? 'title' or after ? 'title')`.execute(
    trx,
  );
  return [
    { table: 'after_sales_case', count: Number(cases.numAffectedRows ?? 0n) },
    { table: 'case_entry', count: Number(entries.numAffectedRows ?? 0n) },
  ];
}

function toEntry(row: Row<'case_entry'>): CaseEntry {
  return {
    id: row.id,
    caseId: row.case_id,
    kind: row.kind,
    actor: { kind: row.actor_kind, id: row.actor_id },
    before: row.before,
    after: row.after,
    text: row.text,
    at: row.at,
  };
}
