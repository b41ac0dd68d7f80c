import { type ChannelAccountId, type ConversationId, firstIdAt, type TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export type SearchKind = Row<'search_document'>['kind'];

/** A document that was found: where the text is that must be read again. */
export interface Found {
  readonly kind: SearchKind;
  readonly id: string;
  readonly conversationId: ConversationId;
}

/** A place in the list of what is found: later ids come first. */
export type SearchPlace = Pick<Found, 'id'> & { readonly kind: SearchKind | '' };

export interface DocumentFilter {
  readonly kinds: readonly SearchKind[] | null;
  readonly conversationId: ConversationId | null;
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly from: Date | null;
  readonly before: Date | null;
}

export interface Wanted {
  readonly tenantId: TenantId;
  /** In the form in which Postgres reads it. */
  readonly tsquery: string;
  readonly filter: DocumentFilter;
  readonly after: SearchPlace | null;
  readonly limit: number;
}

/** What was found, and where the scan stood if it was stopped before it had enough or was through. */
export interface Scan {
  readonly found: readonly Found[];
  readonly stoppedAt: SearchPlace | null;
}

/**
 * Looks month by month, the latest first, until there is enough: a frequent word ends in one month, a rare one costs a
 * look into the index of each. `isLate` stops the scan between two months.
 */
export async function findDocuments(trx: Transaction<DB>, wanted: Wanted, isLate: () => boolean): Promise<Scan> {
  const range = await idRange(trx, wanted.tenantId);
  const found: Found[] = [];
  if (range === null) return { found, stoppedAt: null };
  const last = wanted.after === null || range.last < wanted.after.id ? range.last : wanted.after.id;
  for (const month of monthsBack(last, range.first)) {
    const missing = wanted.limit - found.length;
    if (missing === 0) break;
    if (month.end <= last && isLate()) return { found, stoppedAt: { id: month.end, kind: '' } };
    const { rows } = await documentsQuery({ ...wanted, limit: missing }, month).execute(trx);
    found.push(...rows.map((row) => ({ kind: row.kind, id: row.id, conversationId: row.conversation_id })));
  }
  return { found, stoppedAt: null };
}

interface Month {
  /** The first id of the month, and of the next one. */
  readonly start: string;
  readonly end: string;
}

function documentsQuery(
  { tenantId, tsquery, filter, after, limit }: Wanted,
  { start, end }: Month,
): RawBuilder<Pick<Row<'search_document'>, 'kind' | 'id' | 'conversation_id'>> {
  const { kinds, conversationId, accountIds, from, before } = filter;
  const conditions = [
    ...(after === null ? [] : [sql`(id, kind) < (${after.id}::uuid, ${after.kind})`]),
    ...(kinds === null ? [] : [sql`kind = any(${kinds}::text[])`]),
    ...(conversationId === null ? [] : [sql`conversation_id = ${conversationId}`]),
    ...(accountIds === null ? [] : [sql`account_id = any(${accountIds}::uuid[])`]),
    ...(from === null ? [] : [sql`at >= ${from}`]),
    ...(before === null ? [] : [sql`at < ${before}`]),
  ];
  return sql`
    select kind, id, conversation_id from search_document
    where tenant_id = ${tenantId} and id >= ${start}::uuid and id < ${end}::uuid and terms @@ ${tsquery}::tsquery
      ${sql.join(
        conditions.map((condition) => sql`and ${condition}`),
        sql` `,
      )}
    order by id desc, kind desc limit ${limit}`;
}

/** The first and the last id of the documents of a workspace; null if it has none. */
async function idRange(
  trx: Transaction<DB>,
  tenantId: TenantId,
): Promise<{ readonly first: string; readonly last: string } | null> {
  const end = (order: RawBuilder<unknown>) =>
    sql`(select id from search_document where tenant_id = ${tenantId} order by ${order} limit 1)`;
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    select ${end(sql`id`)} as first, ${end(sql`id desc`)} as last`.execute(trx);
  const [row] = rows;
  return row === undefined || row.first === null || row.last === null ? null : { first: row.first, last: row.last };
}

/** The months of the ids between two, the latest first. */
function* monthsBack(last: string, first: string): Generator<Month> {
  const { year, month } = monthOf(last);
  for (let back = 0; ; back += 1) {
    const start = firstIdAt(new Date(Date.UTC(year, month - back)));
    yield { start, end: firstIdAt(new Date(Date.UTC(year, month - back + 1))) };
    if (start <= first) return;
  }
}

function monthOf(id: string): { readonly year: number; readonly month: number } {
  const at = new Date(Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}`, 16));
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() };
}
