import type { ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

export interface CustomerOfConversation {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly customerId: CustomerId;
}

/** The ids of the conversations of a customer, as an array; an id that was merged into another one leads to that one. */
export function ofCustomer(tenantId: TenantId, customerId: CustomerId): RawBuilder<unknown> {
  return sql`array(
    with recursive same (customer_id) as (
      select ${customerId}::uuid
      union
      select m.merged_into from same join merged_customer m on m.tenant_id = ${tenantId} and m.customer_id = same.customer_id
    )
    select conversation_id from conversation_customer
    where tenant_id = ${tenantId} and customer_id in (select customer_id from same))`;
}

/** The customer of each conversation, as far as it is known. */
export async function customersOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, CustomerId>> {
  const rows = await trx
    .selectFrom('conversation_customer')
    .select(['conversation_id', 'customer_id'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`conversation_id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row.customer_id]));
}

/**
 * Stores the customers of conversations; of several for one conversation the last one counts. Only a merge gives a
 * conversation another customer: it is noted, so that the id of before still leads to the conversations. Nothing leads
 * from an erased customer to the one who writes there later.
 */
export async function saveCustomers(trx: Transaction<DB>, told: readonly CustomerOfConversation[]): Promise<void> {
  const groups = [...Map.groupBy(told, (one) => `${one.tenantId}/${one.conversationId}`).values()];
  const latest = groups.flatMap((group) => group.slice(-1));
  const changes = groups.flatMap((group) =>
    group.map((one, at) => ({ ...one, before: group[at - 1]?.customerId ?? null })),
  );
  await sql`
    insert into merged_customer (tenant_id, customer_id, merged_into)
    select distinct n.tenant_id, coalesce(n.before, c.customer_id), n.customer_id
    from unnest(${changes.map((one) => one.tenantId)}::uuid[], ${changes.map((one) => one.conversationId)}::uuid[],
      ${changes.map((one) => one.before)}::uuid[], ${changes.map((one) => one.customerId)}::uuid[])
      as n (tenant_id, conversation_id, before, customer_id)
    left join conversation_customer c using (tenant_id, conversation_id)
    left join conversation v on v.tenant_id = n.tenant_id and v.id = n.conversation_id
    where coalesce(n.before, c.customer_id) <> n.customer_id and v.erased_at is null
    order by 1, 2, 3
    on conflict do nothing`.execute(trx);
  await sql`
    insert into conversation_customer as c (tenant_id, conversation_id, customer_id)
    select * from unnest(${latest.map((one) => one.tenantId)}::uuid[],
      ${latest.map((one) => one.conversationId)}::uuid[], ${latest.map((one) => one.customerId)}::uuid[])
      as n (tenant_id, conversation_id, customer_id)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update set customer_id = excluded.customer_id
    where c.customer_id <> excluded.customer_id`.execute(trx);
}
