import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Counts one reply of the account on the UTC day; false when the day has so many already. */
export async function takeSend(
  trx: Transaction<DB>,
  { tenantId, accountId }: { readonly tenantId: TenantId; readonly accountId: ChannelAccountId },
  now: Date,
  sendsPerDayMax: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into daily_send as d (tenant_id, account_id, day, sends)
    values (${tenantId}, ${accountId}, ${now.toISOString().slice(0, 10)}::date, 1)
    on conflict (tenant_id, account_id, day) do update set sends = d.sends + 1 where d.sends < ${sendsPerDayMax}
    returning sends`.execute(trx);
  return rows.length === 1;
}

/** Forgets the days that are over. */
export async function forgetDailySends(trx: Transaction<DB>, now: Date): Promise<void> {
  await sql`delete from daily_send where day < ${now.toISOString().slice(0, 10)}::date - 2`.execute(trx);
}
