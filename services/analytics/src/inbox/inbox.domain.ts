import type {
  AgentId,
  ChannelAccountId,
  ConversationId,
  EventData,
  MessageId,
  TeamId,
  TenantId,
} from '@crossdesk/contracts';

type Snapshot = EventData<'conversation.changed'>['conversation'];

export const conversationStates = ['unread', 'pending', 'handled', 'transferred'] as const;
export type ConversationState = Snapshot['state'];
export const conversationPhases = ['open', 'snoozed', 'closed', 'merged'] as const;
export type ConversationPhase = NonNullable<Snapshot['phase']>;
export type EnquiryType = NonNullable<Snapshot['enquiryType']>;

/** What people look out for; in the order in which a cell has them. */
export const inboxMarks = ['awaiting-reply', 'overdue', 'complaint', 'risk'] as const;
export type InboxMark = (typeof inboxMarks)[number];

/** What a conversation is counted under. */
export interface Cell {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  readonly state: ConversationState;
  readonly phase: ConversationPhase;
  readonly assigneeId: AgentId | null;
  readonly teamId: TeamId | null;
  readonly enquiryType: EnquiryType | null;
  readonly marks: readonly InboxMark[];
}

/** How many messages a conversation, or a cell, has of each sort. */
export interface MessageCounts {
  /** Of buyers, not marked as read by anybody. */
  readonly unreadCount: number;
  /** Of buyers, waiting for an answer. */
  readonly unprocessedCount: number;
  /** Of buyers, answered by a person. */
  readonly repliedCount: number;
  /** Replies that failed, or of which nobody knows whether they arrived, since nothing was owed last. */
  readonly abnormalCount: number;
}

/** What a conversation counts as, at one of its versions. */
export interface Fact extends Cell, MessageCounts {
  readonly conversationId: ConversationId;
  /** Messages of the buyer. */
  readonly inboundCount: number;
  /** How many of them there were when nothing was owed last. */
  readonly settledCount: number;
  /** How many of them there were when a person answered last. */
  readonly answeredCount: number;
  readonly abnormalIds: readonly MessageId[];
  /** Joined into another conversation: it counts nothing any more. */
  readonly isJoined: boolean;
  readonly version: number;
}

/** What an event tells of a conversation. */
export interface Told {
  readonly tenantId: TenantId;
  readonly version: number;
  readonly conversation: Snapshot;
  /** A person wrote to the buyer. */
  readonly isAnswer: boolean;
  /** What is known of a message to the buyer. */
  readonly delivery: { readonly messageId: MessageId; readonly isAbnormal: boolean } | null;
}

/** One cell of the inbox, or the change of one. */
export interface Counter extends Cell, MessageCounts {
  readonly conversationCount: number;
}

export function factKey({
  tenantId,
  conversationId,
}: {
  readonly tenantId: string;
  readonly conversationId: string;
}): string {
  return `${tenantId} ${conversationId}`;
}

/**
 * The facts that events make of those counted so far: one for each conversation of which they tell something newer.
 * Events of a conversation may be repeated; those that came after a newer one tell nothing.
 */
export function latestFacts(counted: ReadonlyMap<string, Fact>, told: readonly Told[]): Fact[] {
  const current = new Map<string, Fact>();
  for (const one of told.toSorted((a, b) => a.version - b.version)) {
    const key = factKey({ ...one.conversation, tenantId: one.tenantId });
    const before = current.get(key) ?? counted.get(key) ?? null;
    if (one.version > (before?.version ?? 0)) current.set(key, follow(before, one));
  }
  return [...current.values()];
}

/** A conversation after an event, in the order of its versions; null before the first. */
function follow(before: Fact | null, { tenantId, version, conversation, isAnswer, delivery }: Told): Fact {
  const { state } = conversation;
  const isOwed = state !== 'handled';
  const inboundCount = conversation.inboundCount ?? before?.inboundCount ?? 0;
  const settledCount = isOwed ? (before?.settledCount ?? 0) : inboundCount;
  const answeredCount = isAnswer && !isOwed ? inboundCount : (before?.answeredCount ?? 0);
  // Something is owed although all was settled: the last message, after all. A conversation that was divided has fewer.
  const unprocessedCount = isOwed ? Math.min(inboundCount, Math.max(1, inboundCount - settledCount)) : 0;
  const isSettled = !isOwed && (isAnswer || (before !== null && before.state !== 'handled'));
  const abnormalIds = abnormalAfter(isSettled ? [] : (before?.abnormalIds ?? []), delivery);
  return {
    ...cellOf(tenantId, conversation),
    conversationId: conversation.conversationId,
    unreadCount: conversation.unreadCount,
    unprocessedCount,
    repliedCount: Math.min(answeredCount, inboundCount - unprocessedCount),
    abnormalCount: abnormalIds.length,
    inboundCount,
    settledCount,
    answeredCount,
    abnormalIds,
    isJoined: conversation.phase === 'merged' || (conversation.joinedInto ?? null) !== null,
    version,
  };
}

function cellOf(tenantId: TenantId, conversation: Snapshot): Cell {
  const marks = {
    'awaiting-reply': conversation.waitingSince !== null,
    overdue: conversation.overdueSince !== undefined,
    complaint: conversation.marks?.includes('complaint') === true,
    risk: conversation.marks?.includes('risk') === true,
  } satisfies Record<InboxMark, boolean>;
  return {
    tenantId,
    accountId: conversation.accountId,
    channel: conversation.channel,
    state: conversation.state,
    phase: conversation.phase ?? 'open',
    assigneeId: conversation.assigneeId,
    teamId: conversation.teamId ?? null,
    enquiryType: conversation.enquiryType ?? null,
    marks: inboxMarks.filter((mark) => marks[mark]),
  };
}

function abnormalAfter(known: readonly MessageId[], delivery: Told['delivery']): readonly MessageId[] {
  if (delivery === null || known.includes(delivery.messageId) === delivery.isAbnormal) return known;
  const { messageId } = delivery;
  return delivery.isAbnormal ? [...known, messageId] : known.filter((id) => id !== messageId);
}

/** The changes of the counters when facts replace those counted before; unchanged cells are left out. */
export function counterChanges(replaced: readonly Fact[], current: readonly Fact[]): Counter[] {
  const cells = new Map<string, Counter>();
  const add = (fact: Fact, sign: 1 | -1): void => {
    if (fact.isJoined) return;
    const key = cellKey(fact);
    cells.set(key, sum(cells.get(key) ?? emptyCounter(fact), fact, sign));
  };
  for (const fact of replaced) add(fact, -1);
  for (const fact of current) add(fact, 1);
  return [...cells.values()].filter((cell) => !isEmpty(cell));
}

function cellKey(cell: Cell): string {
  const { tenantId, accountId, channel, state, phase, assigneeId, teamId, enquiryType, marks } = cell;
  return `${tenantId} ${accountId} ${channel} ${state} ${phase} ${assigneeId} ${teamId} ${enquiryType} ${marks.join()}`;
}

function emptyCounter(of: Cell): Counter {
  const { tenantId, accountId, channel, state, phase, assigneeId, teamId, enquiryType, marks } = of;
  const cell = { tenantId, accountId, channel, state, phase, assigneeId, teamId, enquiryType, marks };
  return { ...cell, conversationCount: 0, unreadCount: 0, unprocessedCount: 0, repliedCount: 0, abnormalCount: 0 };
}

function sum(counter: Counter, fact: Fact, sign: 1 | -1): Counter {
  return {
    ...counter,
    conversationCount: counter.conversationCount + sign,
    unreadCount: counter.unreadCount + sign * fact.unreadCount,
    unprocessedCount: counter.unprocessedCount + sign * fact.unprocessedCount,
    repliedCount: counter.repliedCount + sign * fact.repliedCount,
    abnormalCount: counter.abnormalCount + sign * fact.abnormalCount,
  };
}

function isEmpty(counter: Counter): boolean {
  const { conversationCount, unreadCount, unprocessedCount, repliedCount, abnormalCount } = counter;
  return [conversationCount, unreadCount, unprocessedCount, repliedCount, abnormalCount].every((count) => count === 0);
}
