import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Conversation } from './conversation.domain.ts';
import { type ConversationKey, keyText, toConversation } from './conversation.store.ts';

type Trx = Transaction<DB>;

/** Messages of one thread that move together, and the conversation in which they are. */
export interface Segment {
  readonly tenantId: TenantId;
  readonly id: string;
  /** What ingest calls the conversation. */
  readonly threadId: ConversationId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  /** New messages of the thread go there. */
  readonly isLive: boolean;
}

/** Conversations that are locked in this transaction, by `keyText`, and where moved threads are, by that of the thread. */
export interface LockedThreads {
  readonly conversations: Map<string, Conversation>;
  readonly live: ReadonlyMap<string, Segment>;
}

/**
 * Locks the conversations named like threads, and those that have the threads now, in the order of their ids. One
 * statement, unless one of them was regrouped once. Whoever moves a segment holds the lock of the conversation in which
 * it is.
 */
export async function lockThreads(trx: Trx, keys: readonly ConversationKey[]): Promise<LockedThreads> {
  if (keys.length === 0) return { conversations: new Map(), live: new Map() };
  const { rows } = await sql<Row<'conversation'>>`
    with wanted as (
      select distinct tenant_id, id
      from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]) as k (tenant_id, id))
    select c.* from conversation c
    join (select tenant_id, id from wanted
      union
      select s.tenant_id, s.conversation_id from wanted w
      join segment s on s.tenant_id = w.tenant_id and s.thread_id = w.id and s.is_live) as k
      on c.tenant_id = k.tenant_id and c.id = k.id
    order by c.tenant_id, c.id for update of c`.execute(trx);
  const conversations = new Map(rows.map(toConversation).map((one) => [keyText(one), one]));
  const regrouped = keys.filter((key) => conversations.get(keyText(key))?.isRegrouped === true);
  if (regrouped.length === 0) return { conversations, live: new Map() };
  const live = await liveSegments(trx, regrouped);
  const isLocked = ({ tenantId, conversationId: id }: Segment) => conversations.has(keyText({ tenantId, id }));
  // Otherwise one was moved in between; the next reading sees it.
  if (![...live.values()].every(isLocked)) return lockThreads(trx, keys);
  return { conversations, live };
}

async function liveSegments(trx: Trx, threads: readonly ConversationKey[]): Promise<Map<string, Segment>> {
  const { rows } = await sql<Row<'segment'>>`
    select s.* from (
      select distinct tenant_id, id
      from unnest(${threads.map((key) => key.tenantId)}::uuid[], ${threads.map((key) => key.id)}::uuid[]) as k (tenant_id, id)) k
    join segment s on s.tenant_id = k.tenant_id and s.thread_id = k.id and s.is_live`.execute(trx);
  return new Map(rows.map((row) => [keyText({ tenantId: row.tenant_id, id: row.thread_id }), toSegment(row)]));
}

/** The segments in conversations, those first that get new messages. */
export async function segmentsOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Segment[]>> {
  const { rows } = await sql<Row<'segment'>>`
    select * from segment where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[])
    order by is_live desc, id`.execute(trx);
  return Map.groupBy(rows.map(toSegment), ({ conversationId }) => conversationId);
}

export async function segmentsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly string[],
): Promise<Map<string, Segment>> {
  const { rows } = await sql<Row<'segment'>>`
    select * from segment where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toSegment(row)]));
}

/** Where the messages of a thread are. */
export async function segmentsOfThread(trx: Trx, { tenantId, id }: ConversationKey): Promise<Segment[]> {
  const { rows } = await sql<Row<'segment'>>`
    select * from segment where tenant_id = ${tenantId} and thread_id = ${id} order by is_live desc, id`.execute(trx);
  return rows.map(toSegment);
}

/** Adds segments, or writes where they are; their conversations must be locked in this transaction. */
export async function saveSegments(trx: Trx, segments: readonly Segment[]): Promise<void> {
  // Of two segments of a thread one is live at any time: it ceases before the other one begins.
  for (const segment of segments.toSorted((a, b) => Number(a.isLive) - Number(b.isLive))) {
    const { tenantId, id, threadId, conversationId, accountId, channel, isLive } = segment;
    await sql`
      insert into segment (tenant_id, id, thread_id, conversation_id, account_id, channel, is_live)
      values (${tenantId}, ${id}, ${threadId}, ${conversationId}, ${accountId}, ${channel}, ${isLive})
      on conflict (tenant_id, id) do update
      set conversation_id = excluded.conversation_id, is_live = excluded.is_live`.execute(trx);
  }
}

/** Everything that is in a conversation goes into the one that the platform has joined it into. */
export async function moveSegmentsOf(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await sql`
    update segment set conversation_id = ${into} where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(
    trx,
  );
}

export async function deleteSegments(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<void> {
  await sql`delete from segment where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
}

/** The thread of a conversation that was never regrouped. */
export function ownThread({ tenantId, id, accountId, channel }: Conversation): Segment {
  return { tenantId, id, threadId: id, conversationId: id, accountId, channel, isLive: true };
}

function toSegment(row: Row<'segment'>): Segment {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    threadId: row.thread_id,
    conversationId: row.conversation_id,
    accountId: row.account_id,
    channel: row.channel,
    isLive: row.is_live,
  };
}
