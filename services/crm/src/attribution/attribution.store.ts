import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { everywhere } from '../customer/identity.domain.ts';
import type { DB } from '../db.ts';

export interface Period {
  readonly from: Date;
  readonly to: Date;
  /** An order that comes later after a conversation is not attributed to it. */
  readonly windowDays: number;
}

export interface Conversion {
  readonly conversations: number;
  readonly convertedConversations: number;
  readonly orders: number;
  readonly attributedOrders: number;
}

/**
 * How many conversations that began in a period were followed by an order of the same customer, at any store. An order is
 * attributed to the last conversation that began before it within the window, and to that one only.
 */
export async function readConversion(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { from, to, windowDays }: Period,
): Promise<Conversion> {
  const windowMs = windowDays * 86_400_000;
  // A conversation before the period may be the last one before an order of it.
  const [earliest, latest] = [new Date(from.getTime() - windowMs), new Date(to.getTime() + windowMs)];
  const { rows } = await sql<{
    conversations: number;
    converted_conversations: number;
    orders: number;
    attributed_orders: number;
  }>`
    with contact as materialized (
      select l.conversation_id, l.customer_id, min(i.first_seen_at) as at
      from customer_identity i
      join conversation_link l on l.tenant_id = i.tenant_id and l.conversation_id = i.value::uuid
      where i.tenant_id = ${tenantId} and i.kind = 'conversation' and i.account_id = ${everywhere}::uuid
        and i.first_seen_at >= ${earliest} and i.first_seen_at < ${latest}
      group by l.conversation_id, l.customer_id
    ), bought as materialized (
      select distinct i.customer_id, o.order_id, o.placed_at
      from order_ref o
      join customer_identity i on i.tenant_id = o.tenant_id and i.kind = 'platform_commerce'
        and i.account_id = o.account_id and i.value = o.buyer_external_id
      where o.tenant_id = ${tenantId} and o.placed_at >= ${from} and o.placed_at < ${latest}
    ), attributed as materialized (
      select distinct on (b.order_id) b.order_id, b.placed_at, c.conversation_id, c.at
      from bought b
      join contact c on c.customer_id = b.customer_id and c.at <= b.placed_at
        and c.at >= b.placed_at - ${windowDays} * interval '24 hours'
      order by b.order_id, c.at desc, c.conversation_id desc
    )
    select
      (select count(*)::int from contact where at >= ${from} and at < ${to}) as conversations,
      (select count(distinct conversation_id)::int from attributed where at >= ${from} and at < ${to})
        as converted_conversations,
      (select count(*)::int from bought where placed_at < ${to}) as orders,
      (select count(*)::int from attributed where placed_at < ${to}) as attributed_orders`.execute(trx);
  const [row] = rows;
  return {
    conversations: row?.conversations ?? 0,
    convertedConversations: row?.converted_conversations ?? 0,
    orders: row?.orders ?? 0,
    attributedOrders: row?.attributed_orders ?? 0,
  };
}
