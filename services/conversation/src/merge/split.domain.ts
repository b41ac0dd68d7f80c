import { type ConversationId, type RegroupingId } from '@crossdesk/contracts';
import { type Conversation, next } from '../conversation/conversation.domain.ts';
import { consistent, type Replayed, partOf, replay, standingOf, untouched } from './standing.domain.ts';

/** The messages of a conversation in the order in which they were recorded: those that leave, and all. */
export interface Shares {
  readonly all: readonly (Replayed & { readonly leaves: boolean })[];
  /** How many messages of the buyer leave. */
  readonly leavingInbound: number;
  readonly leaving: number;
}

/** The conversation that a part of another one becomes: the same work, but nothing has happened in it. */
export function newPart(from: Conversation, id: ConversationId, now: Date): Omit<Conversation, 'number'> {
  const { number: _, ...rest } = from;
  return {
    ...{ ...rest, ...untouched(from), id, createdAt: now, splitFrom: from.id, joinedInto: null, isRegrouped: true },
    ...{ cycle: 1, version: 0, revision: 0, buyerVersion: 0, personVersion: 0, contentVersion: 0, regroupingId: null },
    lastMessagePreview: null,
  };
}

/** What is owed in each part: as if each had always stood alone, but for what people have read or settled. */
export function split(
  id: RegroupingId,
  { from, made }: { readonly from: Conversation; readonly made: Conversation },
  { all, leavingInbound, leaving }: Shares,
): { readonly from: Conversation; readonly made: Conversation } {
  const before = untouched(from);
  const shareOf = (leaves: boolean) => all.filter((message) => message.leaves === leaves);
  const whole = { expected: replay(from, { before, messages: all }), actual: standingOf(from) };
  const standing = (messages: readonly Replayed[]) => partOf(replay(from, { before, messages }), whole);
  const { phase, snoozedUntil, cycle } = from;
  const inboundSeq = Math.max(0, from.inboundSeq - leavingInbound);
  const stays = consistent({ ...standing(shareOf(false)), phase, snoozedUntil, cycle, inboundSeq });
  const leavesWith = consistent({ ...standing(shareOf(true)), cycle: 1, inboundSeq: leavingInbound });
  const marks = { regroupingId: id, isRegrouped: true };
  return {
    from: next(from, { ...stays, ...marks, contentVersion: from.contentVersion + 1 }),
    made: next(made, { ...leavesWith, ...marks, contentVersion: leaving }),
  };
}
