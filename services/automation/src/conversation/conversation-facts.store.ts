import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

/** What automation knows of a conversation. */
export type ConversationFacts = Row<'conversation_facts'>;

/** A buyer who writes so long after the last message of a handled conversation begins a new exchange. */
const newCycleHours = 24;

/**
 * Saves what was told of conversations, at most one row each; what is older than the row that is there changes nothing.
 * The last message of the buyer stays when the news says nothing about it.
 */
export async function saveFacts(trx: Transaction<DB>, facts: readonly ConversationFacts[]): Promise<void> {
  if (facts.length === 0) return;
  await sql`
    insert into conversation_facts as f
    select * from json_populate_recordset(null::conversation_facts, ${JSON.stringify(facts)}::json)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update
    set account_id = excluded.account_id, channel = excluded.channel, state = excluded.state,
      priority = excluded.priority, assignee_id = excluded.assignee_id, waiting_since = excluded.waiting_since,
      last_message_at = excluded.last_message_at,
      last_inbound_at = coalesce(excluded.last_inbound_at, f.last_inbound_at),
      last_inbound_id = coalesce(excluded.last_inbound_id, f.last_inbound_id),
      inbound_version = greatest(excluded.inbound_version, f.inbound_version),
      person_version = greatest(excluded.person_version, f.person_version),
      cycle_version = case when f.state = 'handled' and excluded.inbound_version > 0
        and excluded.last_inbound_at >= f.last_message_at + ${newCycleHours} * interval '1 hour'
        then excluded.inbound_version else f.cycle_version end,
      version = excluded.version
    where f.version < excluded.version`.execute(trx);
}

export async function factsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<ConversationFacts | null> {
  const row = await trx
    .selectFrom('conversation_facts')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return row ?? null;
}

/** What is known of conversations, by id. */
export async function conversationFacts(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ConversationFacts>> {
  const rows = await trx
    .selectFrom('conversation_facts')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row]));
}
