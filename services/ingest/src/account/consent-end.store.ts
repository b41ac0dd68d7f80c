import type { TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { AccountRow } from './account.store.ts';
import type { ConsentEnd } from './consent-end.domain.ts';

export type ConsentEndRow = Row<'consent_end'>;

type Owner = Pick<AccountRow, 'tenant_id' | 'id'>;

export function toConsentEnd({ ends_at: endsAt, is_assumed: isAssumed, warned_days: warnedDays }: ConsentEndRow) {
  return { endsAt, isAssumed, warnedDays } satisfies ConsentEnd;
}

export async function findConsentEnds(
  trx: Trx,
  tenantId: TenantId,
  accountIds: readonly string[],
): Promise<ConsentEndRow[]> {
  const { rows } = await sql<ConsentEndRow>`
    select tenant_id, account_id, ends_at, is_assumed, warned_days, next_at from consent_end
    where tenant_id = ${tenantId} and account_id = any(${accountIds}::uuid[])`.execute(trx);
  return rows;
}

/** Writes the end of the consent of a locked account. `nextAt`: when a warning is due; null for none. */
export async function saveConsentEnd(
  trx: Trx,
  { tenant_id, id }: Owner,
  { endsAt, isAssumed, warnedDays }: ConsentEnd,
  nextAt: Date | null,
): Promise<void> {
  await sql`
    insert into consent_end (tenant_id, account_id, ends_at, is_assumed, warned_days, next_at)
    values (${tenant_id}, ${id}, ${endsAt}, ${isAssumed}, ${warnedDays}, ${nextAt})
    on conflict (tenant_id, account_id) do update set ends_at = excluded.ends_at, is_assumed = excluded.is_assumed,
      warned_days = excluded.warned_days, next_at = excluded.next_at`.execute(trx);
}

export async function deleteConsentEnd(trx: Trx, { tenant_id, id }: Owner): Promise<void> {
  await trx.deleteFrom('consent_end').where('tenant_id', '=', tenant_id).where('account_id', '=', id).execute();
}

/** Takes ends whose next warning is due; one whose process dies is due again after `leaseMs`. */
export async function claimConsentEnds(
  trx: Trx,
  limit: number,
  now: Date,
  leaseMs: number,
): Promise<Pick<ConsentEndRow, 'tenant_id' | 'account_id'>[]> {
  const { rows } = await sql<Pick<ConsentEndRow, 'tenant_id' | 'account_id'>>`
    update consent_end set next_at = ${now}::timestamptz + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, account_id) in (
      select tenant_id, account_id from consent_end where next_at <= ${now}
      order by next_at limit ${limit} for update skip locked
    )
    returning tenant_id, account_id`.execute(trx);
  return rows;
}

/** The time until a warning is due; null without one. */
export async function nextWarningInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(next_at) - ${now}::timestamptz) * 1000)::float as ms from consent_end`.execute(trx);
  return rows[0]?.ms ?? null;
}
