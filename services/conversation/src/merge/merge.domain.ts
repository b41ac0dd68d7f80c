import type { RegroupingId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit/decision';
import { type Conversation, refuseVersion } from '../conversation/conversation.domain.ts';
import { joinConversations } from '../conversation/join-conversations.domain.ts';
import type { Part, Regrouping } from './regrouping.domain.ts';
import { storedStanding } from './standing.domain.ts';

export const mergedMax = 10;
export const reasonCharactersMax = 1_000;

/** A locked conversation, and the version of it that somebody has read. */
export interface Versioned {
  readonly conversation: Conversation;
  readonly expectedVersion: number;
}

/** Whether these conversations may become one. Null: they may. */
export function refuseMerge(
  into: Versioned,
  from: readonly Versioned[],
  maySpanStores: boolean,
): Refused<'ILLEGAL_TRANSITION' | 'VERSION_CONFLICT' | 'FORBIDDEN'> | null {
  for (const [field, { conversation, expectedVersion }] of [
    ['into', into] as const,
    ...from.map((one) => ['from', one] as const),
  ]) {
    const conflict = refuseVersion(conversation, expectedVersion);
    if (conflict !== null) return conflict;
    if (conversation.joinedInto !== null)
      return refuse('ILLEGAL_TRANSITION', field, 'It was merged into another one: take that one, see joinedInto.');
  }
  const stores = new Set([into, ...from].map(({ conversation }) => conversation.accountId));
  if (stores.size > 1 && !maySpanStores)
    return refuse(
      'FORBIDDEN',
      'from',
      'They are of different stores, and whoever sees one of them would see both: ask a supervisor to merge them.',
    );
  return null;
}

export const inFlight = refuse(
  'REPLY_IN_FLIGHT',
  null,
  'A reply is on its way, or nobody knows whether it arrived: wait for its delivery, or decide the unknown one, then try again.',
);

export interface Merged {
  readonly into: Conversation;
  readonly from: readonly Conversation[];
}

/** One conversation out of several: what is owed in any of them is owed in it. */
export function merge(id: RegroupingId, into: Conversation, from: readonly Conversation[]): Merged {
  const marks = { regroupingId: id, isRegrouped: true };
  let work = into;
  const parts = from.map((one) => {
    const joined = joinConversations(one, work, 0);
    work = { ...joined.into, buyerName: work.buyerName ?? one.buyerName };
    return { ...joined.from, ...marks };
  });
  return { into: { ...work, ...marks, version: into.version + 1, revision: into.revision + 1 }, from: parts };
}

/**
 * Whether a regrouping can be undone: nothing has regrouped its conversations since, neither a person nor the platform.
 * Null: it can.
 */
export function refuseUndo(
  { id, conversationId, details }: Regrouping,
  conversations: readonly Conversation[],
): Refused<'REGROUPED_SINCE'> | null {
  const isTop = conversations.every(({ regroupingId }) => regroupingId === id);
  if (!isTop)
    return refuse('REGROUPED_SINCE', 'regroupingId', 'It was regrouped since: undo laterRegrouping first, then this.');
  const isJoined = conversations.some((one) => {
    const expected = details.kind === 'merge' && one.id !== conversationId ? conversationId : null;
    return one.joinedInto !== expected;
  });
  if (!isJoined) return null;
  return refuse(
    'REGROUPED_SINCE',
    'regroupingId',
    'The platform has joined one of them with another one since: split what does not belong together instead.',
  );
}

/** What a regrouping has to know of a conversation to be undone. */
export function recordPart(before: Conversation, after: Conversation): Part {
  return {
    conversationId: before.id,
    previousId: before.regroupingId,
    before: storedStanding(before),
    after: storedStanding(after),
  };
}
