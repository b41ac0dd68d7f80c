import type { TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

export type SyncRow = Omit<Row<'sync_cursor'>, 'leased_until'>;

const columns = sql`tenant_id, account_id, kind, cursor, next_due_at, last_succeeded_at, last_error, missed_count, last_missed_at`;

/** Takes polls that are due; a poll whose process dies is due again when its lease ends. */
export async function claimSyncs(trx: Trx, limit: number, now: Date, leaseMs: number): Promise<SyncRow[]> {
  const { rows } = await sql<SyncRow>`
    update sync_cursor set leased_until = ${now}::timestamptz + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, account_id, kind) in (
      select tenant_id, account_id, kind from sync_cursor
      where next_due_at <= ${now} and (leased_until is null or leased_until < ${now})
      order by next_due_at limit ${limit} for update skip locked
    )
    returning ${columns}`.execute(trx);
  return rows;
}

/** The time until the next poll of an account is due; null without accounts. */
export async function nextSyncInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(next_due_at, leased_until)) - ${now}::timestamptz) * 1000)::float as ms
    from sync_cursor`.execute(trx);
  return rows[0]?.ms ?? null;
}

/** Moves the cursor, in the transaction that records the page. */
export async function moveCursor(trx: Trx, row: SyncRow, cursor: string): Promise<void> {
  await trx
    .updateTable('sync_cursor')
    .set({ cursor })
    .where('tenant_id', '=', row.tenant_id)
    .where('account_id', '=', row.account_id)
    .where('kind', '=', row.kind)
    .execute();
}

interface SyncEnd {
  readonly now: Date;
  /** The pause after a failure; null: the interval of the account counts. */
  readonly pauseMs: number | null;
  /** The interval of accounts that have none of their own. */
  readonly everyMs: number;
  readonly error: string | null;
}

/** Ends a poll: stores its result and when the next one is due. */
export async function endSync(trx: Trx, row: SyncRow, { now, pauseMs, everyMs, error }: SyncEnd): Promise<void> {
  await sql`
    update sync_cursor set leased_until = null,
      -- It became due again while it ran.
      next_due_at = case when next_due_at > ${row.next_due_at}::timestamptz + interval '1 millisecond'
        then next_due_at else ${now}::timestamptz + interval '1 millisecond' * coalesce(${pauseMs}::float, (
          select a.sync_every_seconds * 1000 from channel_account a
          where a.tenant_id = sync_cursor.tenant_id and a.id = sync_cursor.account_id), ${everyMs}::float) end,
      last_error = ${error}, last_succeeded_at = case when ${error}::text is null then ${now}::timestamptz else last_succeeded_at end
    where tenant_id = ${row.tenant_id} and account_id = ${row.account_id} and kind = ${row.kind}`.execute(trx);
}

export async function findCursors(trx: Trx, tenantId: TenantId, accountIds: readonly string[]): Promise<SyncRow[]> {
  const { rows } = await sql<SyncRow>`
    select ${columns} from sync_cursor where tenant_id = ${tenantId} and account_id = any(${accountIds}::uuid[]) order by kind`.execute(
    trx,
  );
  return rows;
}
