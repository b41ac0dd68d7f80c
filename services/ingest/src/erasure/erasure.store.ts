import {
  type ConversationId,
  type ErasedRows,
  type ErasureId,
  erasedBuyer,
  erasedOrderFields,
  erasedReply,
  type TenantId,
} from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import { eraseMedia } from '../media/media.store.ts';
import { eraseWaitingChanges } from '../thread/message-change.store.ts';
import { type LockedThread, lockOwnThreadOf } from '../thread/thread.store.ts';
import { orderColumns, type OrderRow, type SavedOrder, toSavedOrder } from '../order/order.store.ts';

/** One version, for the event that reports the erasure. */
const eventsPerThread = 1;

/**
 * Locks the threads of conversations in the same order as messages lock them, and those they were joined into. Unknown
 * ones are left out.
 */
export async function lockThreadsOf(
  trx: Trx,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
): Promise<LockedThread[]> {
  const { rows } = await sql<Pick<Row<'thread'>, 'conversation_id'>>`
    select conversation_id from thread where tenant_id = ${tenantId} and conversation_id in (
      select unnest(array[conversation_id, joined_into]) from thread
      where tenant_id = ${tenantId} and conversation_id = any(${conversationIds}::uuid[]))
    order by tenant_id, conversation_id for update`.execute(trx);
  const threads: LockedThread[] = [];
  for (const { conversation_id } of rows) {
    const thread = await lockOwnThreadOf(trx, tenantId, conversation_id, eventsPerThread);
    if (thread !== null) threads.push(thread);
  }
  return threads;
}

/** Overwrites the buyer of a thread and the raw messages of the platform. */
export async function eraseThread(trx: Trx, thread: LockedThread, now: Date): Promise<ErasedRows> {
  const { tenantId, conversationId } = thread;
  const buyer = JSON.stringify(erasedBuyer(thread.buyer));
  const inConversation = sql`tenant_id = ${tenantId} and conversation_id = ${conversationId}`;
  await sql`
    update thread set buyer = ${buyer}::jsonb, buyer_due_at = null, erased_at = ${now} where ${inConversation}`.execute(
    trx,
  );
  const messages = await sql`
    update inbound_message set raw = '{}', whole_text = null where ${inConversation} and raw is not null`.execute(trx);
  // Their text stays until the reply that they may be the echo of is settled.
  const held = await sql`
    update held_message set message = message || jsonb_build_object('buyer', ${buyer}::jsonb, 'raw', '{}')
    where ${inConversation}`.execute(trx);
  return [
    { table: 'thread', count: 1 },
    { table: 'inbound_message', count: Number(messages.numAffectedRows) },
    { table: 'held_message', count: Number(held.numAffectedRows) },
    { table: 'message_change', count: await eraseWaitingChanges(trx, tenantId, conversationId) },
  ];
}

/** Removes the buyer from their orders. From then on the orders are kept without the buyer. */
export async function eraseOrdersOf(trx: Trx, thread: LockedThread, now: Date): Promise<SavedOrder[]> {
  const { tenantId, accountId, buyer } = thread;
  if (buyer.commerceId === null) return [];
  const { rows } = await sql<OrderRow & Pick<Row<'customer_order'>, 'version'>>`
    update customer_order set snapshot = snapshot || ${JSON.stringify(erasedOrderFields)}::jsonb, version = version + 1,
      erased_at = ${now}
    where tenant_id = ${tenantId} and account_id = ${accountId} and snapshot ->> 'buyerExternalId' = ${buyer.commerceId}
      and erased_at is null
    returning ${orderColumns}, version`.execute(trx);
  return rows.map(toSavedOrder);
}

/** Overwrites the bytes of the deliveries about the thread, the orders or the reviews, even if a delivery was also about others. */
export async function eraseRaw(
  trx: Trx,
  { tenantId, accountId, conversationId }: LockedThread,
  named: { readonly externalOrderIds: readonly string[]; readonly externalFeedbackIds: readonly string[] },
): Promise<number> {
  const result = await sql`
    update raw_payload set body = '' where tenant_id = ${tenantId} and body <> '' and id in (
      select raw_id from raw_subject where tenant_id = ${tenantId} and account_id = ${accountId} and (
        (kind = 'thread' and external_id = ${conversationId}) or
        (kind = 'feedback' and external_id = any(${named.externalFeedbackIds}::text[])) or
        (kind = 'order' and external_id = any(${named.externalOrderIds}::text[]))))`.execute(trx);
  return Number(result.numAffectedRows);
}

interface Key {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly erasureId: ErasureId;
}

/** Notes that the replies of the conversation are to be erased as well. */
export async function noteErasing(trx: Trx, { tenantId, conversationId, erasureId }: Key, rows: ErasedRows) {
  await sql`
    insert into erasing (tenant_id, conversation_id, erasure_id, erased_rows)
    values (${tenantId}, ${conversationId}, ${erasureId}, ${JSON.stringify(rows)}::jsonb)
    on conflict (tenant_id, conversation_id, erasure_id) do update set erased_rows = excluded.erased_rows`.execute(trx);
}

/**
 * No more replies and notes from before the erasure will come: the existing replies may be erased once they are settled,
 * and the pictures and files at once.
 */
export async function letErase(trx: Trx, { tenantId, conversationId, erasureId }: Key): Promise<void> {
  const { rows } = await sql<Pick<Row<'delivery_intent'>, 'message_id'>>`
    select message_id from delivery_intent where tenant_id = ${tenantId} and conversation_id = ${conversationId}`.execute(
    trx,
  );
  await eraseMedia(trx, tenantId, conversationId, { messageIds: rows.map((row) => row.message_id) });
  await eraseMedia(trx, tenantId, conversationId, 'notes');
  await sql`
    update erasing set due_at = now(), until_seq = (
      select coalesce(max(seq), 0) from delivery_intent
      where tenant_id = ${tenantId} and conversation_id = ${conversationId})
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and erasure_id = ${erasureId}`.execute(trx);
}

/**
 * Takes conversations whose replies from before the erasure are all settled and whose files are removed from the media
 * store, with a lease.
 */
export async function claimErasing(trx: Trx, limit: number, leaseMs: number): Promise<Key[]> {
  const { rows } = await sql<Key>`
    update erasing set due_at = now() + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, conversation_id, erasure_id) in (
      select tenant_id, conversation_id, erasure_id from erasing e
      where due_at <= now() and not exists (
        select from delivery_intent i
        where i.tenant_id = e.tenant_id and i.conversation_id = e.conversation_id and i.seq <= e.until_seq
          and i.status in ('queued', 'sending', 'unknown') and not (i.status = 'unknown' and i.needs_person))
        and not exists (
          select from media m
          where m.tenant_id = e.tenant_id and m.conversation_id = e.conversation_id and m.state = 'erased' and m.due_at is not null)
      order by due_at limit ${limit} for update skip locked)
    returning tenant_id as "tenantId", conversation_id as "conversationId", erasure_id as "erasureId"`.execute(trx);
  return rows;
}

/** Erases the uploaded files of replies that are settled now. Returns how many; their bytes are to be removed. */
export async function eraseSentFiles(trx: Trx, { tenantId, conversationId, erasureId }: Key): Promise<number> {
  const { rows } = await sql<Pick<Row<'delivery_intent'>, 'message_id'>>`
    select i.message_id from delivery_intent i
    join erasing e on e.tenant_id = i.tenant_id and e.conversation_id = i.conversation_id and i.seq <= e.until_seq
    where e.tenant_id = ${tenantId} and e.conversation_id = ${conversationId} and e.erasure_id = ${erasureId}`.execute(
    trx,
  );
  return eraseMedia(trx, tenantId, conversationId, { messageIds: rows.map((row) => row.message_id) });
}

/** Overwrites the replies and their raw messages of the platform. Null when another process has done it. */
export async function eraseReplies(trx: Trx, { tenantId, conversationId, erasureId }: Key): Promise<ErasedRows | null> {
  const { rows } = await sql<Pick<Row<'erasing'>, 'erased_rows' | 'until_seq'>>`
    delete from erasing
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and erasure_id = ${erasureId}
    returning erased_rows, until_seq`.execute(trx);
  const [job] = rows;
  if (job === undefined) return null;
  const { rows: replies } = await sql<Pick<Row<'delivery_intent'>, 'message_id'>>`
    update delivery_intent set content = ${JSON.stringify(erasedReply)}::jsonb, detail = null
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and seq <= ${job.until_seq}
    returning message_id`.execute(trx);
  const echoes = await sql`
    update inbound_message set raw = '{}' where tenant_id = ${tenantId} and raw <> '{}'
      and message_id = any(${replies.map((row) => row.message_id)}::uuid[])`.execute(trx);
  return [
    ...job.erased_rows,
    { table: 'delivery_intent', count: replies.length },
    { table: 'inbound_message', count: Number(echoes.numAffectedRows) },
  ];
}
