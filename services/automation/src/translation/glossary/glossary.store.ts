import type { TenantId } from '@crossdesk/contracts';
import { countRows, type NamePlace } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { GlossaryTermId } from '../ids.ts';
import type { Term } from '../text/glossary.domain.ts';
import { localesFor } from '../text/locale.domain.ts';

export type TermRow = Row<'glossary_term'>;

type Trx = Transaction<DB>;

/** A workspace has at most this many terms for two languages: all of them are looked for in every text. */
export const termsPerPairMax = 5_000;

/** The terms for a text: those of the locale win over those of its language. */
export async function termsFor(trx: Trx, tenantId: TenantId, source: string, target: string): Promise<Term[]> {
  const [from, to] = [localesFor(source), localesFor(target)];
  const { rows } = await sql<TermRow>`
    select * from glossary_term
    where tenant_id = ${tenantId} and source_locale = any(${from}::text[]) and target_locale = any(${to}::text[])
    limit ${termsPerPairMax * from.length * to.length}`.execute(trx);
  const rank = (row: TermRow) => from.indexOf(row.source_locale) + to.indexOf(row.target_locale);
  const best = new Map<string, TermRow>();
  for (const row of rows.toSorted((one, other) => rank(one) - rank(other)))
    if (!best.has(row.source)) best.set(row.source, row);
  return [...best.values()].map((row) => ({
    source: row.source,
    target: row.target ?? row.source,
    isCaseSensitive: row.is_case_sensitive,
  }));
}

export interface TermKey {
  readonly sourceLocale: string;
  readonly targetLocale: string;
  readonly source: string;
}

/** Locks the terms of two languages, also when there are none yet; the term, and how many there are. */
export async function lockTerm(trx: Trx, tenantId: TenantId, { sourceLocale, targetLocale, source }: TermKey) {
  const lock = `automation glossary ${tenantId} ${sourceLocale} ${targetLocale}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);
  const ofPair = trx
    .selectFrom('glossary_term')
    .where('tenant_id', '=', tenantId)
    .where('source_locale', '=', sourceLocale)
    .where('target_locale', '=', targetLocale);
  const present = await ofPair.selectAll().where('source', '=', source).executeTakeFirst();
  const { count } = await ofPair.select(sql<string>`count(*)`.as('count')).executeTakeFirstOrThrow();
  return { present: present ?? null, count: Number(count) };
}

export async function saveTerm(trx: Trx, row: TermRow): Promise<void> {
  const { tenant_id: _tenantId, id: _id, ...state } = row;
  await trx
    .insertInto('glossary_term')
    .values(row)
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
    .execute();
}

export async function deleteTerm(trx: Trx, tenantId: TenantId, id: GlossaryTermId): Promise<TermRow | null> {
  const row = await trx
    .deleteFrom('glossary_term')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

export interface TermFilter {
  readonly sourceLocale: string | null;
  readonly targetLocale: string | null;
}

/** Terms by their words, one more than asked for. */
export async function listTerms(
  trx: Trx,
  tenantId: TenantId,
  { filter, first, after }: { readonly filter: TermFilter; readonly first: number; readonly after: NamePlace | null },
): Promise<TermRow[]> {
  const behind = after === null ? sql`` : sql`and (source, id) > (${after.name}, ${after.id}::uuid)`;
  const { rows } = await sql<TermRow>`
    select * from glossary_term where tenant_id = ${tenantId} ${restriction(filter)} ${behind}
    order by source, id limit ${first + 1}`.execute(trx);
  return rows;
}

export function countTerms(trx: Trx, tenantId: TenantId, filter: TermFilter): Promise<number> {
  return countRows(trx, sql`select 1 from glossary_term where tenant_id = ${tenantId} ${restriction(filter)}`);
}

function restriction({ sourceLocale, targetLocale }: TermFilter): RawBuilder<unknown> {
  const from = sourceLocale === null ? sql`` : sql`and source_locale = ${sourceLocale}`;
  const to = targetLocale === null ? sql`` : sql`and target_locale = ${targetLocale}`;
  return sql`${from} ${to}`;
}
