import type { ChannelAccountId, MessageId, TenantId } from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

export type SendPauseRow = Row<'send_pause'>;

interface Account {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
}

export async function findPauses(trx: Trx, tenantId: TenantId, accountIds: readonly string[]): Promise<SendPauseRow[]> {
  const { rows } = await sql<SendPauseRow>`
    select tenant_id, account_id, reason, detail, until from send_pause
    where tenant_id = ${tenantId} and account_id = any(${accountIds}::uuid[])`.execute(trx);
  return rows;
}

export async function savePause(
  trx: Trx,
  { tenantId, accountId }: Account,
  { reason, detail, until }: Pick<SendPauseRow, 'reason' | 'detail' | 'until'>,
): Promise<void> {
  await sql`
    insert into send_pause (tenant_id, account_id, reason, detail, until)
    values (${tenantId}, ${accountId}, ${reason}, ${detail}, ${until})
    on conflict (tenant_id, account_id, reason) do update set detail = excluded.detail, until = excluded.until`.execute(
    trx,
  );
}

/** Ends a pause; false if there was none. */
export async function deletePause(
  trx: Trx,
  { tenantId, accountId }: Account,
  reason: SendPauseRow['reason'],
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('send_pause')
    .where('tenant_id', '=', tenantId)
    .where('account_id', '=', accountId)
    .where('reason', '=', reason)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Lets the replies that wait for an account be looked at now. */
export async function makeRepliesDue(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<void> {
  await sql`
    update delivery_intent set due_at = now()
    where tenant_id = ${tenantId} and account_id = ${accountId} and status = 'queued' and due_at > now()`.execute(trx);
}

/** How many replies of an account are not on their way, at most 1,000. */
export async function countQueued(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<number> {
  return countRows(
    trx,
    sql`select 1 from delivery_intent where tenant_id = ${tenantId} and account_id = ${accountId} and status = 'queued'`,
  );
}

/** The accounts that these replies wait for; replies that do not wait are left out. */
export async function accountsOfQueued(
  trx: Trx,
  tenantId: TenantId,
  messageIds: readonly string[],
): Promise<{ readonly message_id: MessageId; readonly account_id: ChannelAccountId }[]> {
  const { rows } = await sql<Pick<Row<'delivery_intent'>, 'message_id' | 'account_id'>>`
    select message_id, account_id from delivery_intent
    where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[]) and status = 'queued'`.execute(trx);
  return rows;
}
