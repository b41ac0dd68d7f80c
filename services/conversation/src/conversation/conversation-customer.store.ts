import type { ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

export interface CustomerOfConversation {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly customerId: CustomerId;
}

/** Stores the customers of conversations; of several for one conversation the last one counts. */
export async function saveCustomers(trx: Transaction<DB>, told: readonly CustomerOfConversation[]): Promise<void> {
  const latest = [...new Map(told.map((one) => [`${one.tenantId}/${one.conversationId}`, one])).values()];
  await sql`
    insert into conversation_customer as c (tenant_id, conversation_id, customer_id)
    select * from unnest(${latest.map((one) => one.tenantId)}::uuid[],
      ${latest.map((one) => one.conversationId)}::uuid[], ${latest.map((one) => one.customerId)}::uuid[])
      as n (tenant_id, conversation_id, customer_id)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update set customer_id = excluded.customer_id
    where c.customer_id <> excluded.customer_id`.execute(trx);
}
