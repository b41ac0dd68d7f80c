import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';

export interface ExpiryDate {
  readonly reason: 'review' | 'end-of-validity';
  readonly at: Date;
}

interface Expiring {
  readonly article: Pick<Row<'article'>, 'id' | 'key'>;
  readonly dates: readonly ExpiryDate[];
  /** One for the event of each date. */
  readonly aggregates: readonly LockedAggregate[];
}

type DueRow = Pick<Row<'article'>, 'tenant_id' | 'id' | 'key' | 'version'> &
  Pick<Row<'article_version'>, 'review_by' | 'valid_to'> & {
    readonly is_review_due: boolean;
    readonly is_end_due: boolean;
  };

/** Locks published articles with a date before this one that was not told yet, and notes that it is. */
export async function takeExpiring(trx: Transaction<DB>, before: Date, limit: number): Promise<Expiring[]> {
  const isReviewDue = sql`coalesce(v.review_by < ${before} and v.review_by is distinct from a.told_review_by, false)`;
  const isEndDue = sql`coalesce(v.valid_to < ${before} and v.valid_to is distinct from a.told_valid_to, false)`;
  const { rows } = await sql<DueRow>`
    select a.tenant_id, a.id, a.key, a.version, v.review_by, v.valid_to, ${isReviewDue} as is_review_due,
      ${isEndDue} as is_end_due
    from article a
    join article_version v on v.tenant_id = a.tenant_id and v.article_id = a.id and v.version = a.published_version
    where ${isReviewDue} or ${isEndDue}
    limit ${limit} for update of a skip locked`.execute(trx);
  const expiring = rows.map(expiringOf);
  await sql`
    update article a set version = d.version, told_review_by = coalesce(d.review_by, a.told_review_by),
      told_valid_to = coalesce(d.valid_to, a.told_valid_to)
    from unnest(${rows.map((row) => row.tenant_id)}::uuid[], ${rows.map((row) => row.id)}::uuid[],
      ${rows.map((row, n) => row.version + (expiring[n]?.dates.length ?? 0))}::integer[],
      ${rows.map((row) => (row.is_review_due ? row.review_by : null))}::timestamptz[],
      ${rows.map((row) => (row.is_end_due ? row.valid_to : null))}::timestamptz[])
      as d (tenant_id, id, version, review_by, valid_to)
    where a.tenant_id = d.tenant_id and a.id = d.id`.execute(trx);
  return expiring;
}

function expiringOf(row: DueRow): Expiring {
  const dates: ExpiryDate[] = [];
  if (row.is_review_due && row.review_by !== null) dates.push({ reason: 'review', at: row.review_by });
  if (row.is_end_due && row.valid_to !== null) dates.push({ reason: 'end-of-validity', at: row.valid_to });
  const aggregates = dates.map((_, n) =>
    lockedAggregate({ tenantId: row.tenant_id, id: row.id, version: row.version + n + 1 }),
  );
  return { article: row, dates, aggregates };
}
