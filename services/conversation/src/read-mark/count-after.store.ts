import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Message } from '../message/message.domain.ts';

/** How many messages of the buyer come after a message. The time is named twice so that the index begins there. */
export async function countAfter(
  trx: Transaction<DB>,
  { tenantId, conversationId, occurredAt, position, id }: Message,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from message
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and author = 'buyer'
      and occurred_at >= ${occurredAt}
      and (occurred_at, thread_position, id) > (${occurredAt}::timestamptz, ${position}::numeric, ${id}::uuid)`.execute(
    trx,
  );
  return rows[0]?.count ?? 0;
}
