import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { toConversation } from '../conversation/conversation.store.ts';

const shownMax = 20;

/** Other conversations of the same customer or order as any thread of each conversation, the latest first. */
export async function relatedConversations(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Conversation[]>> {
  const { rows } = await sql<Row<'conversation'> & { readonly asked_id: ConversationId }>`
    select asked.id as asked_id, found.* from unnest(${ids}::uuid[]) as asked (id)
    cross join lateral (
      with own (id) as (
        select asked.id
        union select thread_id from segment where tenant_id = ${tenantId} and conversation_id = asked.id),
      same (id) as (
        select other.conversation_id from own
        join conversation_customer here on here.tenant_id = ${tenantId} and here.conversation_id = own.id
        join conversation_customer other on other.tenant_id = ${tenantId} and other.customer_id = here.customer_id
        union
        select other.conversation_id from own
        join conversation_order here on here.tenant_id = ${tenantId} and here.conversation_id = own.id
        join conversation_order other on other.tenant_id = ${tenantId} and other.order_id = here.order_id)
      select c.* from same join conversation c on c.tenant_id = ${tenantId} and c.id = same.id
      where c.joined_into is null and c.id <> asked.id
      order by c.last_message_at desc, c.id desc limit ${shownMax}) found
    order by found.last_message_at desc, found.id desc`.execute(trx);
  const found = new Map<ConversationId, Conversation[]>();
  for (const row of rows) found.set(row.asked_id, [...(found.get(row.asked_id) ?? []), toConversation(row)]);
  return found;
}
