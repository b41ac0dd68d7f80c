import { checkEvent } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { ConversationKey } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';

type Understood = Delivered<'automation.message-analysed' | 'automation.conversation-triaged'>;

/**
 * Lets whoever creates conversations and whoever finds that they are not there yet take turns, until the commit: otherwise
 * each could miss what the other one has not committed.
 */
export async function lockBeginnings(trx: Transaction<DB>, keys: readonly ConversationKey[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('beginning ' || k.tenant_id || ' ' || k.id, 0))
    from (select distinct tenant_id, id from unnest(${keys.map(({ tenantId }) => tenantId)}::uuid[],
      ${keys.map(({ id }) => id)}::uuid[]) as n (tenant_id, id) order by 1, 2) k`.execute(trx);
}

/** Keeps what was found out about a conversation until its first message is here. Call `lockBeginnings` before. */
export async function keepForLater(trx: Transaction<DB>, early: readonly Understood[]): Promise<void> {
  if (early.length === 0) return;
  const rows = early.map(({ event, traceparent }) => ({
    tenant_id: event.tenantId,
    conversation_id: event.data.conversationId,
    event_id: event.id,
    event,
    traceparent,
  }));
  await sql`
    insert into early_understanding (tenant_id, conversation_id, event_id, event, traceparent)
    select tenant_id, conversation_id, event_id, event, traceparent
    from json_populate_recordset(null::early_understanding, ${JSON.stringify(rows)}::json)
    on conflict do nothing`.execute(trx);
}

/** Takes what was found out about conversations before they were here, in its order. Call `lockBeginnings` before. */
export async function takeKept(trx: Transaction<DB>, keys: readonly ConversationKey[]): Promise<Delivered[]> {
  const { rows } = await sql<{ readonly event: unknown; readonly traceparent: string | null }>`
    delete from early_understanding e
    using unnest(${keys.map(({ tenantId }) => tenantId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (tenant_id, id)
    where e.tenant_id = k.tenant_id and e.conversation_id = k.id
    returning e.event, e.traceparent`.execute(trx);
  return rows
    .map(({ event, traceparent }) => ({ event: checkEvent(event), traceparent }))
    .toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
}

const keptDays = 7;

/** Forgets what was found out about conversations that never came. */
export async function forgetOldUnderstanding(trx: Transaction<DB>): Promise<void> {
  await sql`delete from early_understanding where added_at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}
