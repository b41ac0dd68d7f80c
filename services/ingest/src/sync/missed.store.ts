import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { AccountName, IncomingFact } from '../fact.ts';
import { storableKeyOf } from '../thread/storable-key.ts';
import type { Span } from './resync.domain.ts';
import type { SyncRow } from './sync.store.ts';

/** The messages among these that are not recorded: how many, and of which time. Null when all are. */
export async function findUnknown(
  trx: Trx,
  { tenantId, id }: Pick<AccountName, 'tenantId' | 'id'>,
  messages: readonly NormalisedMessage[],
): Promise<(Span & { readonly count: number }) | null> {
  if (messages.length === 0) return null;
  const { rows } = await sql<{ count: number; from: Date | null; to: Date | null }>`
    select count(*)::int as count, min(at) as from, max(at) as to
    from unnest(${messages.map((m) => storableKeyOf(m.externalThreadId))}::text[],
      ${messages.map((m) => storableKeyOf(m.externalMessageId))}::text[],
      ${messages.map((m) => m.occurredAt)}::timestamptz[]) as n (thread_id, message_id, at)
    where not exists (
      select from thread_alias a
      join inbound_message m on m.tenant_id = a.tenant_id and m.conversation_id = a.conversation_id
      where a.tenant_id = ${tenantId} and a.account_id = ${id} and a.id = n.thread_id
        and m.external_message_id = n.message_id)`.execute(trx);
  const [found] = rows;
  if (found === undefined || found.from === null || found.to === null) return null;
  return { count: found.count, from: found.from, to: found.to };
}

/** How many of these messages and orders are not recorded. */
export async function countNew(
  trx: Trx,
  account: Pick<AccountName, 'tenantId' | 'id'>,
  items: readonly IncomingFact[],
): Promise<number> {
  const messages = items.flatMap(({ fact }) => (fact.type === 'message' ? [fact.message] : []));
  const orders = items.flatMap(({ fact }) =>
    fact.type === 'order' ? [storableKeyOf(fact.order.externalOrderId)] : [],
  );
  const unknown = await findUnknown(trx, account, messages);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from unnest(${orders}::text[]) as n (external_order_id)
    where not exists (
      select from customer_order o
      where o.tenant_id = ${account.tenantId} and o.account_id = ${account.id}
        and o.external_order_id = n.external_order_id)`.execute(trx);
  return (unknown?.count ?? 0) + (rows[0]?.count ?? 0);
}

/** Notes messages that only the list brought. */
export async function noteMissed(trx: Trx, row: SyncRow, count: number, now: Date): Promise<void> {
  await sql`
    update sync_cursor set missed_count = missed_count + ${count}, last_missed_at = ${now}
    where tenant_id = ${row.tenant_id} and account_id = ${row.account_id} and kind = ${row.kind}`.execute(trx);
}
