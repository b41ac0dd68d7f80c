import { joinedMarks } from './marks.domain.ts';
import { type Conversation, conversationPriorities, earliest, next, rankOf, settled } from './conversation.domain.ts';

const standingOf = { unread: 3, transferred: 2, pending: 1, handled: 0 } as const;

/**
 * Two conversations that turned out to be one: what is owed in either is owed in both. The assignee of the older one
 * stays; a transferred conversation stays transferred to its assignee.
 * @param duplicates messages of the buyer that both have
 */
export function joinConversations(
  from: Conversation,
  into: Conversation,
  duplicates: number,
): { readonly from: Conversation; readonly into: Conversation } {
  const [latest, other] = from.lastMessageAt > into.lastMessageAt ? [from, into] : [into, from];
  const assigneeId = into.assigneeId ?? from.assigneeId;
  const state = standingOf[from.state] > standingOf[into.state] ? from.state : into.state;
  const isTransferred = [from, into].some((one) => one.state === 'transferred' && one.assigneeId === assigneeId);
  return {
    from: next(from, {
      ...settled,
      assigneeId: null,
      teamId: null,
      phase: 'merged',
      snoozedUntil: null,
      lastMessagePreview: null,
      joinedInto: into.id,
    }),
    into: next(into, {
      buyerName: latest.buyerName ?? other.buyerName,
      assigneeId,
      ...workAfterJoin(from, into),
      priority: conversationPriorities[Math.max(...[from, into].map(({ priority }) => rankOf(priority)))] ?? 'normal',
      state: isTransferred ? 'transferred' : state === 'transferred' ? 'pending' : state,
      unreadCount: Math.max(state === 'unread' ? 1 : 0, from.unreadCount + into.unreadCount - duplicates),
      waitingSince: earliestOf(from.waitingSince, into.waitingSince),
      overdueSince: earliestOf(from.overdueSince, into.overdueSince),
      lastMessageAt: latest.lastMessageAt,
      lastMessagePreview: latest.lastMessagePreview,
      lastInboundAt: latestOfTimes(from.lastInboundAt, into.lastInboundAt),
      contentVersion: from.contentVersion + into.contentVersion + 1,
      inboundSeq: from.inboundSeq + into.inboundSeq - duplicates,
    }),
  };
}

/** It is worked on if either is; what only one of them knows, both know. */
function workAfterJoin(from: Conversation, into: Conversation): Partial<Conversation> {
  const known = {
    cycle: Math.max(from.cycle, into.cycle),
    teamId: into.teamId ?? from.teamId,
    enquiry: into.enquiry?.by === 'person' ? into.enquiry : (from.enquiry ?? into.enquiry),
    language: into.language ?? from.language,
    marks: joinedMarks(from.marks, into.marks),
  };
  if (from.phase === into.phase) return { ...known, snoozedUntil: latestOfTimes(from.snoozedUntil, into.snoozedUntil) };
  const phase = [from, into].some((one) => one.phase === 'open') ? 'open' : 'snoozed';
  return { ...known, phase, snoozedUntil: phase === 'snoozed' ? (from.snoozedUntil ?? into.snoozedUntil) : null };
}

function earliestOf(one: Date | null, other: Date | null): Date | null {
  return other === null ? one : earliest(one, other);
}

function latestOfTimes(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
