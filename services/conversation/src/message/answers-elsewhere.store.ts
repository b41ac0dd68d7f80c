import type { AgentId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { DB, Row } from '../db.ts';
import type { Message } from './message.domain.ts';
import { toMessage } from './message.store.ts';

const shownMax = 10;

/**
 * The latest answer of a colleague in each other conversation of the customer, if it is newer than everything here:
 * whoever began a reply here need not know it. What a caller wrote themselves they know.
 */
export async function answersElsewhere(
  trx: Transaction<DB>,
  { tenantId, id, lastMessageAt }: Pick<Conversation, 'tenantId' | 'id' | 'lastMessageAt'>,
  me: AgentId | null,
): Promise<Message[]> {
  const { rows } = await sql<Row<'message'>>`
    select m.* from conversation_customer here
    join conversation_customer other on other.tenant_id = here.tenant_id and other.customer_id = here.customer_id
      and other.conversation_id <> here.conversation_id
    cross join lateral (
      select * from message
      where tenant_id = ${tenantId} and conversation_id = other.conversation_id and occurred_at > ${lastMessageAt}
        and author in ('agent', 'seller') and agent_id is distinct from ${me}::uuid
        and delivery_status is distinct from 'failed'
      order by occurred_at desc, thread_position desc, id desc limit 1) m
    where here.tenant_id = ${tenantId} and here.conversation_id = ${id}
    order by m.occurred_at desc limit ${shownMax}`.execute(trx);
  return rows.map(toMessage);
}
