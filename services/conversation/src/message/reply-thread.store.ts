import type { ChannelAccountId, ConversationId } from '@crossdesk/contracts';
import { refuse } from '@crossdesk/service-kit/decision';
import { sql, type Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { type Segment, segmentsOfConversations, segmentsOfThread } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';

/** The thread on which a reply goes out. */
export interface AnsweredThread {
  /** What ingest calls the conversation. */
  readonly threadId: ConversationId;
  readonly segmentId: string | null;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  /** The last message of the buyer on this thread: the window of the platform counts from it. */
  readonly lastInboundAt: Date | null;
}

export const noThread = refuse(
  'NOT_FOUND',
  'threadId',
  'The conversation has no such thread: take one from its threads, or none for that of the last message of the buyer.',
);

/** The thread that somebody chose, or that of the buyer's last message. Null: the conversation has no such thread. */
export async function threadToAnswer(
  trx: Transaction<DB>,
  conversation: Conversation,
  wanted: ConversationId | null,
): Promise<AnsweredThread | null> {
  const { tenantId, id, accountId, channel, lastInboundAt, isRegrouped } = conversation;
  if (!isRegrouped) {
    const own = { threadId: id, segmentId: null, accountId, channel, lastInboundAt };
    return wanted === null || wanted === id ? own : null;
  }
  const segments = (await segmentsOfConversations(trx, tenantId, [id])).get(id) ?? [];
  const threadId = wanted ?? (await lastAnswerable(trx, conversation, segments)) ?? segments[0]?.threadId;
  const segment = segments.find((one) => one.threadId === threadId);
  return segment === undefined ? null : answeredOn(trx, segment);
}

async function answeredOn(trx: Transaction<DB>, segment: Segment): Promise<AnsweredThread> {
  const { threadId, id, accountId, channel } = segment;
  // A part of the thread may be in another conversation.
  const parts = await segmentsOfThread(trx, { tenantId: segment.tenantId, id: threadId });
  const { rows } = await sql<{ at: Date | null }>`
    select max(occurred_at) as at from message
    where tenant_id = ${segment.tenantId} and conversation_id = any(${parts.map((part) => part.conversationId)}::uuid[])
      and coalesce(segment_id, conversation_id) = any(${parts.map((part) => part.id)}::uuid[]) and author = 'buyer'`.execute(
    trx,
  );
  return { threadId, segmentId: id, accountId, channel, lastInboundAt: rows[0]?.at ?? null };
}

/** The thread of the last message of the buyer. */
async function lastAnswerable(
  trx: Transaction<DB>,
  { tenantId, id }: Conversation,
  segments: readonly Segment[],
): Promise<ConversationId | null> {
  const { rows } = await sql<{ segment_id: string }>`
    select coalesce(segment_id, conversation_id) as segment_id from message
    where tenant_id = ${tenantId} and conversation_id = ${id} and author = 'buyer'
    order by occurred_at desc, thread_position desc, id desc limit 1`.execute(trx);
  return segments.find((segment) => segment.id === rows[0]?.segment_id)?.threadId ?? null;
}
