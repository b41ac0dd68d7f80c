import {
  type Buyer,
  type ChannelAccountId,
  type ConversationId,
  idsAt,
  type MessageId,
  type TenantId,
} from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import { wholeIds } from './long-id.store.ts';

/** A thread that is locked in this transaction. `nextAggregate` gives each event its own version, in order. */
export interface LockedThread {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly externalThreadId: string;
  readonly conversationId: ConversationId;
  readonly buyer: Buyer;
  /** The buyer was erased and has not written anything new since. */
  readonly isErased: boolean;
  nextAggregate(): LockedAggregate;
}

/**
 * A thread that receives new messages. Their ids are greater than all earlier ones, even those given by a process whose
 * clock is ahead.
 */
export interface ReceivingThread extends LockedThread {
  nextMessageId(): MessageId;
}

export interface ThreadToLock {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly externalThreadId: string;
  readonly buyer: Buyer;
  /** The time of the buyer's last message in this batch; null if there is none. */
  readonly lastInboundAt: Date | null;
  /** The time of the last message in this batch that tells the buyer's name; null if none does. */
  readonly namedAt: Date | null;
  /** The largest number of events that may follow: this many versions are reserved. */
  readonly events: number;
  readonly asksForBuyer: boolean;
}

interface ThreadRow extends Pick<
  Row<'thread'>,
  'tenant_id' | 'account_id' | 'external_thread_id' | 'conversation_id' | 'joined_into' | 'version' | 'buyer'
> {
  readonly is_erased: boolean;
}

const columns = sql`tenant_id, account_id, external_thread_id, conversation_id, joined_into, version, buyer,
  erased_at is not null as is_erased`;

/** A clock that is further ahead than this is wrong and is ignored, as in `continueIdsAfter`. */
const followMsMax = 3_600_000;

function lockedThread(row: ThreadRow, events: number): LockedThread {
  let version = row.version - events;
  return {
    tenantId: row.tenant_id,
    accountId: row.account_id,
    externalThreadId: row.external_thread_id,
    conversationId: row.conversation_id,
    buyer: row.buyer,
    isErased: row.is_erased,
    nextAggregate() {
      version += 1;
      if (version > row.version) throw new Error('more events than versions reserved for the thread');
      return lockedAggregate({ tenantId: row.tenant_id, id: row.conversation_id, version });
    },
  };
}

/**
 * Finds or creates the threads and locks them in a fixed order; a thread that was joined into another one meanwhile is
 * left out. New data about the buyer is added, known data is never removed, and an older message does not bring an older
 * name back. An erased thread stays without data here: `reviveBuyer` adds the data of new messages.
 */
export async function lockThreads(trx: Trx, threads: readonly ThreadToLock[]): Promise<ReceivingThread[]> {
  if (threads.length === 0) return [];
  const { rows } = await sql<ThreadRow & Pick<Row<'thread'>, 'last_id_ms'>>`
    insert into thread as t (tenant_id, account_id, external_thread_id, conversation_id, version, last_id_ms, buyer,
      named_at, last_inbound_at, buyer_due_at)
    select tenant_id, account_id, external_thread_id, conversation_id, events, ${Date.now()}::bigint, buyer, named_at, last_inbound_at,
      case when asks then now() end
    from unnest(${threads.map((t) => t.tenantId)}::uuid[], ${threads.map((t) => t.accountId)}::uuid[],
      ${threads.map((t) => t.externalThreadId)}::text[], ${threads.map((t) => t.conversationId)}::uuid[], ${threads.map((t) => t.events)}::int[],
      ${threads.map((t) => JSON.stringify(t.buyer))}::jsonb[], ${threads.map((t) => t.namedAt)}::timestamptz[], ${threads.map((t) => t.lastInboundAt)}::timestamptz[],
      ${threads.map((t) => t.asksForBuyer)}::bool[])
      as n (tenant_id, account_id, external_thread_id, conversation_id, events, buyer, named_at, last_inbound_at, asks)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update
      set version = t.version + excluded.version,
        external_thread_id = excluded.external_thread_id,
        buyer = case when t.erased_at is not null then t.buyer
          when excluded.named_at < t.named_at then t.buyer || jsonb_strip_nulls(excluded.buyer - 'name')
          else t.buyer || jsonb_strip_nulls(excluded.buyer) end,
        named_at = greatest(t.named_at, excluded.named_at),
        last_inbound_at = greatest(t.last_inbound_at, excluded.last_inbound_at),
        last_id_ms = case when t.last_id_ms between excluded.last_id_ms and excluded.last_id_ms + ${followMsMax}::bigint
          then t.last_id_ms + 1 else excluded.last_id_ms end
      where t.joined_into is null
    returning ${columns}, last_id_ms`.execute(trx);
  const events = new Map(threads.map((t) => [t.conversationId, t.events]));
  return rows.map((row) => ({
    ...lockedThread(row, events.get(row.conversation_id) ?? 0),
    nextMessageId: idsAt<MessageId>(Number(row.last_id_ms)),
  }));
}

/** Locks the thread that a conversation is in now; null when there is none. */
export async function lockThreadOf(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
  events: number,
): Promise<LockedThread | null> {
  const row = await lockRow(trx, tenantId, conversationId, events);
  if (row === null || row.joined_into === null) return row === null ? null : lockedThread(row, events);
  return lockThreadOf(trx, tenantId, row.joined_into, events);
}

/** Locks the thread that a conversation began in, even if it was joined into another one. */
export async function lockOwnThreadOf(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
  events: number,
): Promise<LockedThread | null> {
  const row = await lockRow(trx, tenantId, conversationId, events);
  return row === null ? null : lockedThread(row, events);
}

async function lockRow(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
  events: number,
): Promise<ThreadRow | null> {
  const { rows } = await sql<ThreadRow>`
    update thread set version = version + ${events} where tenant_id = ${tenantId} and conversation_id = ${conversationId}
    returning ${columns}`.execute(trx);
  return rows[0] ?? null;
}

/** Stores the buyer of an erased thread again: only the data of a new message, nothing from before. */
export async function reviveBuyer(trx: Trx, thread: ReceivingThread, told: Buyer): Promise<ReceivingThread> {
  const { rows } = await sql<Pick<Row<'thread'>, 'buyer'>>`
    update thread set buyer = buyer || jsonb_strip_nulls(${JSON.stringify(told)}::jsonb), erased_at = null
    where tenant_id = ${thread.tenantId} and conversation_id = ${thread.conversationId}
    returning buyer`.execute(trx);
  return { ...thread, buyer: rows[0]?.buyer ?? thread.buyer, isErased: false };
}

/** Adds the platform's data about the buyer and ends the fetch. */
export async function saveBuyer(trx: Trx, thread: LockedThread, buyer: Buyer): Promise<void> {
  await trx
    .updateTable('thread')
    .set({ buyer: JSON.stringify(buyer), buyer_due_at: null, named_at: sql`greatest(named_at, now())` })
    .where('tenant_id', '=', thread.tenantId)
    .where('conversation_id', '=', thread.conversationId)
    .execute();
}

export type DueThread = Pick<
  Row<'thread'>,
  'tenant_id' | 'account_id' | 'external_thread_id' | 'conversation_id' | 'buyer'
>;

/**
 * Takes threads whose buyer has to be fetched from the platform. The pause grows with every try; the fifth is the last.
 */
export async function claimBuyersDue(trx: Trx, limit: number): Promise<DueThread[]> {
  const { rows } = await sql<DueThread>`
    update thread set buyer_attempts = buyer_attempts + 1,
      buyer_due_at = case when buyer_attempts >= 4 then null else now() + interval '30 seconds' * 4 ^ buyer_attempts end
    where (tenant_id, conversation_id) in (
      select tenant_id, conversation_id from thread t where buyer_due_at <= now() and exists (
        select from channel_account a where a.tenant_id = t.tenant_id and a.id = t.account_id and a.status = 'connected')
      order by buyer_due_at limit ${limit} for update skip locked
    )
    returning tenant_id, account_id, external_thread_id, conversation_id, buyer`.execute(trx);
  return rows;
}

/** The platform was not asked, because the account cannot be used: the buyer is due when it is connected again. */
export async function releaseBuyer(trx: Trx, thread: DueThread): Promise<void> {
  await sql`update thread set buyer_due_at = now(), buyer_attempts = greatest(buyer_attempts - 1, 0)
    where tenant_id = ${thread.tenant_id} and conversation_id = ${thread.conversation_id}`.execute(trx);
}

export type ThreadOfReply = Pick<Row<'thread'>, 'external_thread_id' | 'buyer' | 'last_inbound_at'>;

/** The thread that a conversation is in now, with its whole ids, not locked; null when there is none. */
export async function findThreadOf(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<ThreadOfReply | null> {
  const row = await trx
    .selectFrom('thread')
    .select(['account_id', 'external_thread_id', 'joined_into', 'buyer', 'last_inbound_at'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.joined_into !== null) return findThreadOf(trx, tenantId, row.joined_into);
  const at = { tenantId, accountId: row.account_id };
  const { external_thread_id: threadId, buyer } = row;
  const whole = await wholeIds(trx, at, [threadId, buyer.externalId]);
  return {
    last_inbound_at: row.last_inbound_at,
    external_thread_id: whole[0] ?? threadId,
    buyer: { ...buyer, externalId: whole[1] ?? buyer.externalId },
  };
}
