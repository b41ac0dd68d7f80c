import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { AccountName } from '../fact.ts';
import { storableKeyOf } from '../thread/storable-key.ts';
import type { SyncRow } from './sync.store.ts';

/** How many of these messages are not recorded. */
export async function countUnknown(
  trx: Trx,
  { tenantId, id }: AccountName,
  messages: readonly NormalisedMessage[],
): Promise<number> {
  if (messages.length === 0) return 0;
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count
    from unnest(${messages.map((m) => storableKeyOf(m.externalThreadId))}::text[],
      ${messages.map((m) => storableKeyOf(m.externalMessageId))}::text[]) as n (thread_id, message_id)
    where not exists (
      select from thread_alias a
      join inbound_message m on m.tenant_id = a.tenant_id and m.conversation_id = a.conversation_id
      where a.tenant_id = ${tenantId} and a.account_id = ${id} and a.id = n.thread_id
        and m.external_message_id = n.message_id)`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** Notes messages that only the list brought. */
export async function noteMissed(trx: Trx, row: SyncRow, count: number, now: Date): Promise<void> {
  await sql`
    update sync_cursor set missed_count = missed_count + ${count}, last_missed_at = ${now}
    where tenant_id = ${row.tenant_id} and account_id = ${row.account_id} and kind = ${row.kind}`.execute(trx);
}
