import { type ConversationId, type MessageId, newId, type RegroupingId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  refuseText,
} from '@crossdesk/service-kit';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, refuseVersion } from '../conversation/conversation.domain.ts';
import { createMissing, keyText, lockConversation } from '../conversation/conversation.store.ts';
import { ownThread, saveSegments, type Segment, segmentsOfConversations } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import type { Message } from '../message/message.domain.ts';
import { messagesByIds } from '../message/message.store.ts';
import { inFlight, reasonCharactersMax, recordPart } from './merge.domain.ts';
import { countLeaving, cutSegment, lastRecorded } from './moved-messages.store.ts';
import type { Cut, Regrouping } from './regrouping.domain.ts';
import { hasReplyInFlight, insertRegrouping } from './regrouping.store.ts';
import { copySubject, copyWork, marksOf, replaceMarks } from './shared-work.store.ts';
import { latestMessages } from './latest-messages.ts';
import { newPart, split } from './split.domain.ts';
import { storedStanding } from './standing.domain.ts';
import { saveRegrouped } from './tell-regrouped.ts';

export interface SplitInput {
  readonly conversationId: ConversationId;
  readonly expectedVersion: number;
  /** The first message that leaves; those of its thread behind it leave with it. */
  readonly fromMessageId: MessageId;
  readonly reason: string;
}

type Refusal = 'NOT_FOUND' | 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'REPLY_IN_FLIGHT';

const noMessage = refuse('NOT_FOUND', 'fromMessageId', 'The conversation has no message with this id.');
const nothingStays = refuse(
  'INVALID_INPUT',
  'fromMessageId',
  'Nothing would stay in the conversation: take a later message.',
);

/** Makes a part of a conversation one of its own: a message and what follows it on its thread, now and later. */
export async function splitConversation(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { conversationId, expectedVersion, fromMessageId, reason }: SplitInput,
): Promise<Outcome<Regrouping, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const malformed = refuseText('reason', reason, reasonCharactersMax);
  if (malformed !== null) return malformed;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const conflict = refuseVersion(locked, expectedVersion);
  if (conflict !== null) return conflict;
  const first = (await messagesByIds(trx, tenantId, [fromMessageId])).get(fromMessageId);
  if (first?.conversationId !== locked.id) return noMessage;
  if (await hasReplyInFlight(trx, tenantId, [locked.id])) return inFlight;
  const segments = await segmentsOfThreadOf(call, locked, first);
  const leaving = await countLeaving(
    trx,
    locked,
    segments.map(({ id }) => id),
    first,
  );
  if (leaving.leaving === leaving.all) return nothingStays;
  await liftLimits(trx);
  return divide(deps, call, { locked, first, segments, leaving, reason });
}

/** The segments of the thread of a message in its conversation. */
async function segmentsOfThreadOf(
  { trx }: CommandCall<DB>,
  locked: Conversation,
  { segmentId }: Message,
): Promise<Segment[]> {
  if (!locked.isRegrouped) return [ownThread(locked)];
  const segments = (await segmentsOfConversations(trx, locked.tenantId, [locked.id])).get(locked.id) ?? [];
  const threadId = segments.find(({ id }) => id === (segmentId ?? locked.id))?.threadId;
  return segments.filter((segment) => segment.threadId === threadId);
}

interface Division {
  readonly locked: Conversation;
  readonly first: Message;
  readonly segments: readonly Segment[];
  readonly leaving: Awaited<ReturnType<typeof countLeaving>>;
  readonly reason: string;
}

async function divide(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { locked, first, segments, leaving, reason }: Division,
): Promise<Outcome<Regrouping, never>> {
  const { trx, actor } = call;
  const { tenantId } = locked;
  const now = deps.clock.now();
  const draft = newPart(locked, newId<ConversationId>(), now);
  const made = (await createMissing(trx, new Map(), [draft])).get(keyText(draft));
  if (made === undefined) throw new Error('a conversation that was just made is gone');
  const way = { tenantId, from: locked.id, into: made.id };
  const cuts = await cutAll(call, segments, { made, first });
  await copyWork(trx, way);
  await copySubject(trx, way);
  const all = (await lastRecorded(trx, tenantId, [locked.id, made.id])).map((message) => ({
    ...message,
    leaves: message.conversationId === made.id,
  }));
  const id = newId<RegroupingId>();
  const parts = split(
    id,
    { from: locked, made },
    {
      all,
      leaving: leaving.leaving,
      leavingInbound: leaving.inbound,
    },
  );
  await divideMarks(call, parts);
  const details = {
    ...({ kind: 'split', from: recordPart(locked, parts.from), cuts } as const),
    made: { conversationId: made.id, after: storedStanding(parts.made) },
  };
  const regrouping: Regrouping = {
    ...{ tenantId, id, conversationId: locked.id, otherIds: [made.id], reason, details },
    ...{ agentId: agentOf(actor), at: now, undoneAt: null, undoneBy: null },
  };
  await insertRegrouping(trx, regrouping);
  const latest = await latestMessages(trx, tenantId, [locked.id, made.id]);
  await saveRegrouped(deps, call, regrouping, 'split', [
    { before: locked, after: { ...parts.from, ...latest.get(locked.id) } },
    { before: made, after: { ...parts.made, ...latest.get(made.id) } },
  ]);
  return changed(regrouping, id);
}

/** Those who have read everything have read both parts; the others have read the older messages first. */
async function divideMarks(
  { trx }: CommandCall<DB>,
  { from, made }: { readonly from: Conversation; readonly made: Conversation },
): Promise<void> {
  const marks = await marksOf(trx, from);
  const stays = marks.map(({ agentId, seq }) => [agentId, Math.min(seq, from.inboundSeq)] as const);
  const leaves = marks.map(({ agentId, seq }) => [agentId, Math.max(0, seq - from.inboundSeq)] as const);
  await replaceMarks(trx, from, new Map(stays));
  await replaceMarks(trx, made, new Map(leaves));
}

async function cutAll(
  { trx }: CommandCall<DB>,
  segments: readonly Segment[],
  { made, first }: { readonly made: Conversation; readonly first: Message },
): Promise<Cut[]> {
  const cuts: Cut[] = [];
  for (const segment of segments) {
    const cut = { fromId: segment.id, madeId: newId<string>() };
    const way = { tenantId: segment.tenantId, from: segment.conversationId, into: made.id };
    await cutSegment(trx, { ...cut, way }, first);
    const part = { ...segment, id: cut.madeId, conversationId: made.id };
    await saveSegments(trx, [{ ...segment, isLive: false }, part]);
    cuts.push(cut);
  }
  return cuts;
}
