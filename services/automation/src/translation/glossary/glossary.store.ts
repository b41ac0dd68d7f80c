import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { Term } from '../text/glossary.domain.ts';
import { localesFor } from '../text/locale.domain.ts';

export type TermRow = Row<'glossary_term'>;

type Trx = Transaction<DB>;

/** A workspace has at most this many terms for two languages: all of them are looked for in every text. */
const termsPerPairMax = 5_000;

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
