import type { OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import type { End, Timer } from './timer.domain.ts';

type Trx = Transaction<DB>;

export async function endTimers(trx: Trx, ends: readonly End[]): Promise<void> {
  if (ends.length === 0) return;
  await sql`
    delete from rule_timer t using unnest(${ends.map((e) => e.tenantId)}::uuid[],
      ${ends.map((e) => e.conversationId)}::uuid[], ${ends.map((e) => e.trigger)}::text[])
      as e (tenant_id, conversation_id, trigger)
    where t.tenant_id = e.tenant_id and t.conversation_id = e.conversation_id and t.trigger = e.trigger`.execute(trx);
}

/** Ends the times that an earlier change of orders began. */
export async function endOrderTimers(
  trx: Trx,
  orders: readonly { readonly tenantId: TenantId; readonly orderId: OrderId }[],
): Promise<void> {
  await sql`
    delete from rule_timer t using unnest(${orders.map((o) => o.tenantId)}::uuid[], ${orders.map((o) => o.orderId)}::uuid[])
      as o (tenant_id, order_id)
    where t.tenant_id = o.tenant_id and t.order_id = o.order_id and t.trigger = 'order'`.execute(trx);
}

/** Begins times; one that runs already stays. False: none is new. */
export async function beginTimers(trx: Trx, timers: readonly Timer[]): Promise<boolean> {
  if (timers.length === 0) return false;
  const { numAffectedRows } = await sql`
    insert into rule_timer
    select * from json_populate_recordset(null::rule_timer, ${JSON.stringify(timers)}::json)
    order by tenant_id, rule_id, conversation_id
    on conflict (tenant_id, rule_id, conversation_id) do nothing`.execute(trx);
  return numAffectedRows !== undefined && numAffectedRows > 0n;
}

const leaseMs = 60_000;

/** Takes times that are due; they are due again when the lease ends. */
export async function claimDue(trx: Trx, limit: number, now: Date): Promise<Timer[]> {
  const { rows } = await sql<Timer>`
    update rule_timer t set due_at = ${new Date(now.getTime() + leaseMs)}, tries = t.tries + 1
    from (select tenant_id, rule_id, conversation_id from rule_timer where due_at <= ${now}
      order by due_at limit ${limit} for update skip locked) d
    where t.tenant_id = d.tenant_id and t.rule_id = d.rule_id and t.conversation_id = d.conversation_id
    returning t.*`.execute(trx);
  return rows;
}

/** Takes a claimed time away for good. False: it was ended, or another worker has it. */
export async function takeTimer(trx: Trx, { tenant_id, rule_id, conversation_id, tries }: Timer): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('rule_timer')
    .where('tenant_id', '=', tenant_id)
    .where('rule_id', '=', rule_id)
    .where('conversation_id', '=', conversation_id)
    .where('tries', '=', tries)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function forgetTimers(
  trx: Trx,
  conversations: readonly { readonly tenantId: TenantId; readonly conversationId: string }[],
): Promise<void> {
  await sql`
    delete from rule_timer t using unnest(${conversations.map((c) => c.tenantId)}::uuid[],
      ${conversations.map((c) => c.conversationId)}::uuid[]) as c (tenant_id, conversation_id)
    where t.tenant_id = c.tenant_id and t.conversation_id = c.conversation_id`.execute(trx);
}
