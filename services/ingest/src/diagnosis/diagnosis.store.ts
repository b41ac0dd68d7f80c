import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

/** Until when sends of an account wait for a limit of its platform. */
export async function sendsWaitUntil(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<Date | null> {
  const { rows } = await sql<Pick<Row<'send_quota'>, 'waits_until'>>`
    select waits_until from send_quota where tenant_id = ${tenantId} and account_id = ${accountId}`.execute(trx);
  return rows[0]?.waits_until ?? null;
}

export async function hasThreads(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<boolean> {
  const { rows } = await sql`
    select 1 from thread_alias where tenant_id = ${tenantId} and account_id = ${accountId} limit 1`.execute(trx);
  return rows.length > 0;
}
