import type { ConversationId, RegroupingId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Message } from '../message/message.domain.ts';
import type { Replayed } from './standing.domain.ts';

type Trx = Transaction<DB>;
type ReplayedRow = Pick<
  Row<'message'>,
  'id' | 'conversation_id' | 'direction' | 'author' | 'occurred_at' | 'delivery_status'
> & { readonly segment_id: string };

const shown = sql`id, conversation_id, coalesce(segment_id, conversation_id) as segment_id, direction, author, occurred_at,
  delivery_status`;

/** A message as far as it changes what is owed. */
export interface MovedMessage extends Replayed {
  readonly conversationId: ConversationId;
  readonly segmentId: string;
}

interface Way {
  readonly tenantId: TenantId;
  readonly from: ConversationId;
  readonly into: ConversationId;
}

/** Moves all messages; those of the thread that has the id of the conversation are its segment from then on. */
export async function moveAll(trx: Trx, { tenantId, from, into }: Way): Promise<void> {
  await sql`
    update message set conversation_id = ${into}, segment_id = coalesce(segment_id, conversation_id)
    where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(trx);
}

/** Moves the messages of segments. */
export async function moveSegments(
  trx: Trx,
  { tenantId, from, into }: Way,
  segmentIds: readonly string[],
): Promise<void> {
  await sql`
    update message set conversation_id = ${into}
    where tenant_id = ${tenantId} and conversation_id = ${from} and segment_id = any(${segmentIds}::uuid[])`.execute(
    trx,
  );
}

interface Cutting {
  readonly way: Way;
  readonly fromId: string;
  readonly madeId: string;
}

/** Makes the messages of a segment from a message on another segment, in another conversation. */
export async function cutSegment(
  trx: Trx,
  { way: { tenantId, from, into }, fromId, madeId }: Cutting,
  { occurredAt, position, id }: Pick<Message, 'occurredAt' | 'position' | 'id'>,
): Promise<void> {
  await sql`
    update message set conversation_id = ${into}, segment_id = ${madeId}
    where tenant_id = ${tenantId} and conversation_id = ${from} and coalesce(segment_id, conversation_id) = ${fromId}
      and occurred_at >= ${occurredAt}
      and (occurred_at, thread_position, id) >= (${occurredAt}::timestamptz, ${position}::numeric, ${id}::uuid)`.execute(
    trx,
  );
}

/** Gives the messages of a segment back to the one that it was cut from. */
export async function joinSegment(trx: Trx, { way: { tenantId, from, into }, fromId, madeId }: Cutting): Promise<void> {
  await sql`
    update message set conversation_id = ${into}, segment_id = ${fromId}
    where tenant_id = ${tenantId} and conversation_id = ${from} and segment_id = ${madeId}`.execute(trx);
}

/** What was added since a regrouping, in the order in which it was recorded. */
export async function messagesSince(trx: Trx, tenantId: TenantId, id: RegroupingId): Promise<MovedMessage[]> {
  const { rows } = await sql<ReplayedRow>`
    select ${shown} from message where tenant_id = ${tenantId} and regrouping_id = ${id} order by recorded_at, id`.execute(
    trx,
  );
  return rows.map(toMoved);
}

/** Older messages change nothing any more in what is owed. */
const replayedMax = 1_000;

/** The messages of conversations, in the order in which they were recorded; of many the last ones. */
export async function lastRecorded(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<MovedMessage[]> {
  const { rows } = await sql<ReplayedRow>`
    select ${shown} from message where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[])
    order by recorded_at desc, id desc limit ${replayedMax}`.execute(trx);
  return rows.toReversed().map(toMoved);
}

/** Messages that were added since a regrouping which is undone now count to the one before it. */
export async function countToPrevious(
  trx: Trx,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
  { id, previousId }: { readonly id: RegroupingId; readonly previousId: RegroupingId | null },
): Promise<void> {
  await sql`
    update message set regrouping_id = ${previousId}
    where tenant_id = ${tenantId} and regrouping_id = ${id} and conversation_id = ${conversationId}`.execute(trx);
}

/** How many messages a conversation has, how many of them are on segments from a message on, and how many of these are the buyer's. */
export async function countLeaving(
  trx: Trx,
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: ConversationId },
  segmentIds: readonly string[],
  first: Pick<Message, 'occurredAt' | 'position' | 'id'>,
): Promise<{ readonly all: number; readonly leaving: number; readonly inbound: number }> {
  const leaves = sql`coalesce(segment_id, conversation_id) = any(${segmentIds}::uuid[])
    and (occurred_at, thread_position, id) >= (${first.occurredAt}::timestamptz, ${first.position}::numeric, ${first.id}::uuid)`;
  const { rows } = await sql<{ all: number; leaving: number; inbound: number }>`
    select count(*)::int as all, count(*) filter (where ${leaves})::int as leaving,
      count(*) filter (where ${leaves} and author = 'buyer')::int as inbound
    from message where tenant_id = ${tenantId} and conversation_id = ${id}`.execute(trx);
  return rows[0] ?? { all: 0, leaving: 0, inbound: 0 };
}

function toMoved(row: ReplayedRow): MovedMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    segmentId: row.segment_id,
    direction: row.direction,
    author: row.author,
    occurredAt: row.occurred_at,
    hasFailed: row.delivery_status === 'failed',
  };
}
