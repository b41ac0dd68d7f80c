import {
  type AddedMessage,
  addMessage,
  type Conversation,
  reopenUnanswered,
  settled,
} from '../conversation/conversation.domain.ts';

/** The part of a conversation that messages and people change: what is owed, and whose work it is. */
export type Standing = Pick<
  Conversation,
  | 'state'
  | 'priority'
  | 'assigneeId'
  | 'phase'
  | 'snoozedUntil'
  | 'cycle'
  | 'teamId'
  | 'enquiry'
  | 'language'
  | 'unreadCount'
  | 'waitingSince'
  | 'lastInboundAt'
  | 'inboundSeq'
>;

/** A standing, as JSON has it. */
export type StoredStanding = {
  readonly [Field in keyof Standing]: Standing[Field] extends Date | null ? string | null : Standing[Field];
};

/** A message as far as it changes the standing. */
export interface Replayed extends Omit<AddedMessage, 'text'> {
  readonly hasFailed: boolean;
}

export function standingOf(conversation: Standing): Standing {
  const { state, priority, assigneeId, phase, snoozedUntil, cycle, teamId, enquiry, language } = conversation;
  const { unreadCount, waitingSince, lastInboundAt, inboundSeq } = conversation;
  return {
    ...{ state, priority, assigneeId, phase, snoozedUntil, cycle, teamId, enquiry, language },
    ...{ unreadCount, waitingSince, lastInboundAt, inboundSeq },
  };
}

export function storedStanding(conversation: Standing): StoredStanding {
  const { snoozedUntil, waitingSince, lastInboundAt, ...rest } = standingOf(conversation);
  return {
    ...rest,
    snoozedUntil: snoozedUntil?.toISOString() ?? null,
    waitingSince: waitingSince?.toISOString() ?? null,
    lastInboundAt: lastInboundAt?.toISOString() ?? null,
  };
}

export function readStanding(stored: StoredStanding): Standing {
  const time = (text: string | null) => (text === null ? null : new Date(text));
  const { snoozedUntil, waitingSince, lastInboundAt } = stored;
  return {
    ...stored,
    snoozedUntil: time(snoozedUntil),
    waitingSince: time(waitingSince),
    lastInboundAt: time(lastInboundAt),
  };
}

/** Nothing is owed, and nobody has written. */
export function untouched(standing: Standing): Standing {
  return { ...standing, ...settled, phase: 'open', snoozedUntil: null, lastInboundAt: null, inboundSeq: 0 };
}

/** The standing after messages, in the order in which they were recorded. */
export function replay(
  conversation: Conversation,
  { before, messages }: { readonly before: Standing; readonly messages: readonly Replayed[] },
): Standing {
  const after = messages.reduce<Conversation>(
    (known, message) => {
      const added = addMessage(known, { ...message, text: null });
      return message.hasFailed ? reopenUnanswered(added) : added;
    },
    { ...conversation, ...before },
  );
  return standingOf(after);
}

/** A whole as it would be by its messages alone, and as people have left it. */
export interface Whole {
  readonly expected: Standing;
  readonly actual: Standing;
}

/**
 * What is owed in a part of a whole. Whoever read or settled the whole did so with the part, too; what they did not do is
 * owed as if the part had always stood alone.
 */
export function partOf(part: Standing, { expected, actual }: Whole): Standing {
  if (actual.state === 'handled' && expected.state !== 'handled') return { ...part, ...owedNothing };
  const isRead = actual.unreadCount === 0 && expected.unreadCount > 0;
  if (!isRead || part.unreadCount === 0) return part;
  return { ...part, unreadCount: 0, state: part.state === 'unread' ? 'pending' : part.state };
}

const owedNothing = { state: 'handled', unreadCount: 0, waitingSince: null } as const;

/** The same for the part that keeps the whole's place: what people decided about the whole stays decided there. */
export function mainPartOf(part: Standing, whole: Whole): Standing {
  const { expected, actual } = whole;
  const { state, unreadCount, waitingSince, phase, snoozedUntil, cycle } = actual;
  const isOwedAnew = expected.state === 'handled' && state !== 'handled';
  const isHandedOver = state === 'transferred' && expected.state !== 'transferred';
  const isMoved = phase !== expected.phase || snoozedUntil?.getTime() !== expected.snoozedUntil?.getTime();
  return consistent({
    ...partOf(part, whole),
    ...(isOwedAnew ? { state, unreadCount, waitingSince } : {}),
    ...(isHandedOver ? { state, waitingSince } : {}),
    ...(isMoved ? { phase, snoozedUntil, cycle } : {}),
    ...(actual.priority === expected.priority ? {} : { priority: actual.priority }),
    ...(actual.assigneeId === expected.assigneeId ? {} : { assigneeId: actual.assigneeId }),
    ...(actual.teamId === expected.teamId ? {} : { teamId: actual.teamId }),
    ...(JSON.stringify(actual.enquiry) === JSON.stringify(expected.enquiry) ? {} : { enquiry: actual.enquiry }),
    ...(actual.language === expected.language ? {} : { language: actual.language }),
  });
}

/** State, count and phase agree, whatever they were put together from. */
export function consistent(standing: Standing): Standing {
  const { assigneeId, unreadCount, phase, cycle } = standing;
  const isHeld = standing.state !== 'transferred' || assigneeId !== null;
  const state = isHeld ? standing.state : unreadCount > 0 ? 'unread' : 'pending';
  const unread = state === 'unread' ? Math.max(1, unreadCount) : state === 'transferred' ? unreadCount : 0;
  const isReopened = phase === 'closed' && state !== 'handled';
  return {
    ...standing,
    state,
    unreadCount: unread,
    ...(isReopened ? ({ phase: 'open', cycle: cycle + 1 } as const) : {}),
    snoozedUntil: phase === 'snoozed' ? standing.snoozedUntil : null,
  };
}
