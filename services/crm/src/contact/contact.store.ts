import type { ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { ContactPoint } from './contact.domain.ts';

type Trx = Transaction<DB>;

export interface Sighted extends Pick<ContactPoint, 'tenantId' | 'conversationId' | 'accountId' | 'channel'> {
  /** Null: the buyer has not written. */
  readonly inboundAt: Date | null;
}

/** Notes on which threads buyers are, and when they wrote. Who writes can be reached. One row for each thread. */
export async function saveSightings(trx: Trx, sighted: readonly Sighted[]): Promise<void> {
  await sql`
    insert into contact_point as known (tenant_id, conversation_id, account_id, channel, last_inbound_at)
    select * from unnest(${sighted.map((s) => s.tenantId)}::uuid[], ${sighted.map((s) => s.conversationId)}::uuid[],
      ${sighted.map((s) => s.accountId)}::uuid[], ${sighted.map((s) => s.channel)}::text[],
      ${sighted.map((s) => s.inboundAt)}::timestamptz[]) as s (tenant_id, conversation_id, account_id, channel, at)
    order by 1, 2
    on conflict (tenant_id, conversation_id) do update set
      last_inbound_at = greatest(known.last_inbound_at, excluded.last_inbound_at), soft_bounces = '{}',
      unreachable_since = null, unreachable_reason = null
    where excluded.last_inbound_at > coalesce(known.last_inbound_at, '-infinity')`.execute(trx);
}

/** Locks the threads of failed deliveries. */
export async function lockPoints(
  trx: Trx,
  threads: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId }[],
): Promise<ContactPoint[]> {
  const { rows } = await sql<Row<'contact_point'>>`
    select c.* from contact_point c
    join (select distinct * from unnest(${threads.map((t) => t.tenantId)}::uuid[],
      ${threads.map((t) => t.conversationId)}::uuid[]) as t (tenant_id, conversation_id)) t
      on t.tenant_id = c.tenant_id and t.conversation_id = c.conversation_id
    order by c.tenant_id, c.conversation_id for update of c`.execute(trx);
  return rows.map(toPoint);
}

export async function saveBounces(trx: Trx, points: readonly ContactPoint[]): Promise<void> {
  for (const point of points) {
    await trx
      .updateTable('contact_point')
      .set({
        soft_bounces: [...point.softBounces],
        unreachable_since: point.unreachableSince,
        unreachable_reason: point.unreachableReason,
      })
      .where('tenant_id', '=', point.tenantId)
      .where('conversation_id', '=', point.conversationId)
      .execute();
  }
}

/** The threads of a customer, the one on which they wrote last first. */
export async function pointsOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<ContactPoint[]> {
  const { rows } = await sql<Row<'contact_point'>>`
    select c.* from conversation_link l
    join contact_point c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.customer_id = ${customerId}
    order by c.last_inbound_at desc nulls last, c.conversation_id desc limit 100`.execute(trx);
  return rows.map(toPoint);
}

/** The customer to whom a conversation belongs, by conversation. */
export async function customersOf(
  trx: Trx,
  keys: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId }[],
): Promise<Map<ConversationId, CustomerId>> {
  const { rows } = await sql<{ conversation_id: ConversationId; customer_id: CustomerId }>`
    select l.conversation_id, l.customer_id from conversation_link l
    join unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.conversationId)}::uuid[])
      as k (tenant_id, conversation_id) on k.tenant_id = l.tenant_id and k.conversation_id = l.conversation_id
    where l.customer_id is not null`.execute(trx);
  return new Map(rows.map((row) => [row.conversation_id, row.customer_id]));
}

function toPoint(row: Row<'contact_point'>): ContactPoint {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    accountId: row.account_id,
    channel: row.channel,
    lastInboundAt: row.last_inbound_at,
    softBounces: row.soft_bounces,
    unreachableSince: row.unreachable_since,
    unreachableReason: row.unreachable_reason,
  };
}
