import type {
  AgentId,
  ChannelAccountId,
  ConversationId,
  MessageId,
  RegroupingId,
  TeamId,
  TenantId,
} from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';
import { type Marks, marksAfterAnswer, marksAfterClose } from './marks.domain.ts';

export const conversationStates = ['unread', 'pending', 'handled', 'transferred'] as const;
export type ConversationState = (typeof conversationStates)[number];

/** From the least to the most urgent. */
export const conversationPriorities = ['low', 'normal', 'high', 'urgent'] as const;
export type ConversationPriority = (typeof conversationPriorities)[number];

/**
 * Where a conversation stands as a piece of work, beside what is owed in it. Merged: its messages are in another one.
 */
export const conversationPhases = ['open', 'snoozed', 'closed', 'merged'] as const;
export type ConversationPhase = (typeof conversationPhases)[number];

/** What buyers ask for; a workspace divides each type further. */
export const enquiryTypes = [
  'pre-sale',
  'specification',
  'logistics',
  'after-sale',
  'refund',
  'return',
  'dispute',
] as const;
export type EnquiryType = (typeof enquiryTypes)[number];

export interface Enquiry {
  readonly type: EnquiryType;
  /** A word of the workspace. */
  readonly subtype: string | null;
  /** What a person set stays. */
  readonly by: 'person' | 'machine';
}

export interface Conversation {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
  readonly number: number;
  readonly accountId: ChannelAccountId;
  /** The name of the channel; it may be one that only a newer version knows. */
  readonly channel: string;
  readonly externalThreadId: string;
  readonly buyerName: string | null;
  readonly state: ConversationState;
  readonly priority: ConversationPriority;
  readonly assigneeId: AgentId | null;
  readonly phase: ConversationPhase;
  /** For a snoozed conversation; null: until the buyer writes. */
  readonly snoozedUntil: Date | null;
  /** 1, and one more each time it is opened again after it was closed. */
  readonly cycle: number;
  /** Whose work it is, as long as nobody has it. */
  readonly teamId: TeamId | null;
  readonly enquiry: Enquiry | null;
  /** The language of the buyer (BCP 47); null until automation is sure of it. */
  readonly language: string | null;
  /** Complaint and risk, as automation found out and people say. */
  readonly marks: Marks;
  readonly unreadCount: number;
  readonly waitingSince: Date | null;
  /** When the time for the answer was over that is still owed. */
  readonly overdueSince: Date | null;
  readonly lastMessageAt: Date;
  readonly lastMessagePreview: string | null;
  readonly lastInboundAt: Date | null;
  /** The conversation that has the messages of this one, since both turned out to be one or people merged them. */
  readonly joinedInto: ConversationId | null;
  /** People made it out of a part of that one: it has no thread of its own. */
  readonly splitFrom: ConversationId | null;
  /** The last regrouping that it took part in and that is not undone. */
  readonly regroupingId: RegroupingId | null;
  /** It took part in a regrouping once: segments say which threads it has, and where its own one is. */
  readonly isRegrouped: boolean;
  /** Numbers the events of the conversation: grows with each. */
  readonly version: number;
  /** Detects conflicting overwrites: grows with the visible changes of the conversation (ADR 0014). */
  readonly revision: number;
  /** The version of the buyer's last message; 0 before the first. */
  readonly buyerVersion: number;
  /** The version of the last act of a person: they wrote, assigned it, or set its state or priority; 0 before the first. */
  readonly personVersion: number;
  /** Counts messages and notes: whoever writes names the count that they knew (ADR 0080). */
  readonly contentVersion: number;
  /** Counts the messages of the buyer. */
  readonly inboundSeq: number;
  /** When the buyer was erased last. */
  readonly erasedAt: Date | null;
  readonly createdAt: Date;
}

export interface AddedMessage {
  readonly id: MessageId;
  readonly direction: 'inbound' | 'outbound';
  readonly author: 'buyer' | 'seller' | 'bot' | 'system' | 'agent';
  readonly occurredAt: Date;
  readonly text: string | null;
  /** The bot answers the buyer's turn with it: nothing is owed until the buyer writes again, or it hands over. */
  readonly isBotAnswer?: boolean;
  /** It is nothing but the answer to a survey: nothing is owed because of it. */
  readonly isSurveyAnswer?: boolean;
}

const previewCharactersMax = 140;

/**
 * The conversation after a message. The platform's time decides: a late message never becomes the latest one, and an
 * answer older than the buyer's last message answers nothing. A late message of the buyer still counts as unread.
 */
export function addMessage(conversation: Conversation, message: AddedMessage): Conversation {
  const version = conversation.version + 1;
  // In a conversation in which something is owed, it is one message more.
  if (message.isSurveyAnswer === true && conversation.state === 'handled') return withAnswer(conversation, message);
  return inWork(conversation, {
    ...conversation,
    ...latestOf(conversation, message),
    ...standingAfter(conversation, message),
    ...(message.author === 'buyer' ? woken(conversation) : {}),
    ...(message.author === 'buyer' ? { buyerVersion: version, inboundSeq: conversation.inboundSeq + 1 } : {}),
    ...(message.author === 'buyer' && conversation.state === 'handled'
      ? { marks: marksAfterAnswer(conversation.marks, message.id) }
      : {}),
    ...(isPerson(message.author) ? { personVersion: version } : {}),
    contentVersion: conversation.contentVersion + 1,
    version,
    revision: conversation.revision + 1,
  });
}

/** The conversation stays as it is, closed or not; who reads it sees the answer. */
function withAnswer(conversation: Conversation, message: AddedMessage): Conversation {
  const { lastInboundAt, inboundSeq, contentVersion, version, revision } = conversation;
  return {
    ...conversation,
    ...latestOf(conversation, message),
    lastInboundAt: lastInboundAt === null || message.occurredAt > lastInboundAt ? message.occurredAt : lastInboundAt,
    ...{ inboundSeq: inboundSeq + 1, contentVersion: contentVersion + 1, version: version + 1, revision: revision + 1 },
  };
}

/** A snoozed conversation is worked on again. */
export function woken({ phase }: Conversation): Partial<Conversation> {
  return phase === 'snoozed' ? { phase: 'open', snoozedUntil: null } : {};
}

/** Something is owed in it: a closed conversation is open again, in its next cycle. One that is closed has no marks. */
function inWork(before: Conversation, after: Conversation): Conversation {
  const isOver = after.phase === 'closed' || after.phase === 'merged';
  if (isOver && before.phase !== after.phase) return { ...after, marks: marksAfterClose(after.marks) };
  if (after.phase !== 'closed' || after.state === 'handled') return after;
  return { ...after, phase: 'open', cycle: before.cycle + 1 };
}

function latestOf(conversation: Conversation, { occurredAt, text }: AddedMessage): Partial<Conversation> {
  // Version 0 is a conversation before its first message.
  if (conversation.version > 0 && occurredAt < conversation.lastMessageAt) return {};
  return { lastMessageAt: occurredAt, lastMessagePreview: previewOf(text) };
}

function standingAfter(
  conversation: Conversation,
  { direction, author, occurredAt, isBotAnswer = false }: AddedMessage,
): Partial<Conversation> {
  const { state, lastInboundAt, waitingSince } = conversation;
  if (direction === 'inbound' && author === 'buyer') {
    return {
      state: state === 'transferred' ? state : 'unread',
      unreadCount: conversation.unreadCount + 1,
      waitingSince: earliest(waitingSince, occurredAt),
      lastInboundAt: lastInboundAt === null || occurredAt > lastInboundAt ? occurredAt : lastInboundAt,
    };
  }
  const isAnswer = direction === 'outbound' && (isPerson(author) || isBotAnswer);
  if (!isAnswer || (lastInboundAt !== null && occurredAt < lastInboundAt)) return {};
  return settled;
}

/** Whether somebody of the seller wrote it, here or in the console of the platform. */
function isPerson(author: AddedMessage['author']): boolean {
  return author === 'seller' || author === 'agent';
}

/** Nothing is owed. */
export const settled = { state: 'handled', unreadCount: 0, waitingSince: null, overdueSince: null } as const;

export function earliest(one: Date | null, other: Date): Date {
  return one !== null && one < other ? one : other;
}

export function previewOf(text: string | null): string | null {
  if (text === null) return null;
  // By code points, so that no emoji is cut in half.
  return [...text.slice(0, 2 * previewCharactersMax)].slice(0, previewCharactersMax).join('');
}

/** Who changes a conversation, which version of it they know, and when. */
export interface Change {
  /** Null for a rule or the system. */
  readonly by: AgentId | null;
  /** Null for a caller who decides by the present state of the conversation. */
  readonly expectedVersion: number | null;
  readonly now: Date;
}

/** Every state may change to every other, except that an unassigned conversation cannot be transferred. */
export function moveTo(
  conversation: Conversation,
  state: ConversationState,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION'> {
  // A repeat succeeds: the client may not know the version that its first request made.
  if (conversation.state === state) return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (state === 'transferred' && conversation.assigneeId === null) {
    return refuse(
      'ILLEGAL_TRANSITION',
      'state',
      'The conversation has no assignee: assign it to an agent to transfer it.',
    );
  }
  if (state === 'handled') return accept(next(conversation, settled));
  const waitingSince = conversation.waitingSince ?? owedSince(conversation, change.now);
  return accept(next(conversation, { state, unreadCount: unreadIn(state, conversation), waitingSince }));
}

/** State and count agree: one that somebody marks as unread has something to read. */
function unreadIn(state: ConversationState, { unreadCount }: Conversation): number {
  if (state === 'transferred') return unreadCount;
  return state === 'unread' ? Math.max(1, unreadCount) : 0;
}

/**
 * The conversation after a message got its place from the platform: the message may become the latest, or may no longer
 * be it.
 */
export function moveMessage(
  conversation: Conversation,
  { from, to, text }: { readonly from: Date; readonly to: Date; readonly text: string | null },
): Conversation {
  const { lastMessageAt, lastInboundAt } = conversation;
  if (from.getTime() === to.getTime()) return conversation;
  if (to > lastMessageAt) return { ...conversation, lastMessageAt: to, lastMessagePreview: previewOf(text) };
  if (from < lastMessageAt) return conversation;
  return { ...conversation, lastMessageAt: lastInboundAt !== null && lastInboundAt > to ? lastInboundAt : to };
}

/**
 * The conversation after a reply did not reach the buyer: if it was handled, an answer is owed again, so that it is not
 * overlooked.
 */
export function reopenUnanswered(conversation: Conversation): Conversation {
  const { state, lastInboundAt } = conversation;
  if (state !== 'handled' || lastInboundAt === null) return touched(conversation);
  return next(conversation, { state: 'pending', waitingSince: lastInboundAt });
}

/**
 * The bot leaves a conversation to people. If it had answered, an answer of a person is owed from now on; what a person did
 * since the buyer wrote stays.
 */
export function handedOver(conversation: Conversation, now: Date): Conversation {
  const { state, phase, personVersion, buyerVersion } = conversation;
  const isOfBot = state === 'handled' && phase === 'open' && personVersion < buyerVersion;
  return isOfBot ? next(conversation, { state: 'pending', waitingSince: now }) : conversation;
}

/** For a reopened conversation: the buyer waits since their message if it is the latest, else since now. */
export function owedSince({ lastInboundAt, lastMessageAt }: Conversation, now: Date): Date {
  return lastInboundAt !== null && lastInboundAt >= lastMessageAt ? lastInboundAt : now;
}

/**
 * Assigns the conversation to an agent, or to nobody. A conversation that one agent hands to another becomes
 * transferred until the new assignee marks it read; it does not if an agent takes it themselves, or if it is assigned
 * to nobody.
 */
export function assignTo(
  conversation: Conversation,
  agentId: AgentId | null,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT'> {
  if (conversation.assigneeId === agentId) return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  return accept(
    next(conversation, { assigneeId: agentId, state: stateAfterAssignment(conversation, agentId, change.by) }),
  );
}

/** Gives a conversation that nobody has to a person; they have not read it, so what is owed in it stays. */
export function route(
  conversation: Conversation,
  { agentId, teamId }: { readonly agentId: AgentId; readonly teamId: TeamId | null },
): Conversation {
  return next(conversation, { assigneeId: agentId, teamId: teamId ?? conversation.teamId });
}

/** Takes a conversation from whoever has it. What is owed in it stays owed. */
export function release(conversation: Conversation): Conversation {
  const { state, assigneeId, unreadCount } = conversation;
  if (assigneeId === null) return conversation;
  return next(conversation, { assigneeId: null, state: state === 'transferred' ? notTransferred(unreadCount) : state });
}

/** Makes it the work of a team. */
export function moveToTeam(conversation: Conversation, teamId: TeamId): Conversation {
  return conversation.teamId === teamId ? conversation : { ...touched(conversation), teamId };
}

function stateAfterAssignment(
  { state, assigneeId, unreadCount }: Conversation,
  to: AgentId | null,
  by: AgentId | null,
): ConversationState {
  if (state === 'handled') return state;
  if (to === null || to === by) return state === 'transferred' ? notTransferred(unreadCount) : state;
  return assigneeId === null ? state : 'transferred';
}

function notTransferred(unreadCount: number): ConversationState {
  return unreadCount > 0 ? 'unread' : 'pending';
}

/** Sets how urgent the conversation is. */
export function prioritise(
  conversation: Conversation,
  priority: ConversationPriority,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT'> {
  if (conversation.priority === priority) return accept(conversation);
  return refuseVersion(conversation, change.expectedVersion) ?? accept(next(conversation, { priority }));
}

/**
 * Calls a person: at least this priority, and an answer is owed. The agent gets a conversation that nobody has; one that
 * somebody has stays with them.
 */
export function escalate(
  conversation: Conversation,
  wanted: { readonly priority: ConversationPriority; readonly agentId: AgentId | null },
  now: Date,
): Conversation {
  const { state, assigneeId, waitingSince } = conversation;
  const changes = {
    priority: rankOf(wanted.priority) > rankOf(conversation.priority) ? wanted.priority : conversation.priority,
    assigneeId: assigneeId ?? wanted.agentId,
    state: state === 'handled' ? ('pending' as const) : state,
    waitingSince: waitingSince ?? owedSince(conversation, now),
  };
  const isSame =
    changes.priority === conversation.priority && changes.assigneeId === assigneeId && changes.state === state;
  return isSame ? conversation : next(conversation, changes);
}

/** The conversation after its tags were changed. */
export function retagged(conversation: Conversation): Conversation {
  return next(conversation, {});
}

/** Marks the buyer's messages as read. A transferred conversation becomes pending when its assignee marks it. */
export function markRead(conversation: Conversation, change: Change): Decision<Conversation, 'VERSION_CONFLICT'> {
  const { state, assigneeId, unreadCount } = conversation;
  const isLookedAt = state === 'unread' || (state === 'transferred' && assigneeId === change.by);
  if (!isLookedAt && unreadCount === 0) return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  return accept(next(conversation, { unreadCount: 0, state: isLookedAt ? 'pending' : state }));
}

/** How pressing a priority is; more is more. */
export function rankOf(priority: ConversationPriority): number {
  return conversationPriorities.indexOf(priority);
}

/** The conversation after a person acted on it: a machine that has not seen that does not answer any more. */
export function seenBy(by: AgentId | null, conversation: Conversation): Conversation {
  return by === null ? conversation : { ...conversation, personVersion: conversation.version };
}

/** The conversation after an event that changes nothing people can overwrite: a delivery report. */
export function touched(conversation: Conversation): Conversation {
  return { ...conversation, version: conversation.version + 1 };
}

/**
 * The conversation after the words of a message changed. Its preview follows if it shows that message; nothing that
 * people decide by changes.
 */
export function reworded(
  conversation: Conversation,
  message: { readonly occurredAt: Date; readonly before: string; readonly after: string },
): Conversation {
  const { lastMessageAt, lastMessagePreview } = conversation;
  const isShown =
    message.occurredAt.getTime() === lastMessageAt.getTime() && lastMessagePreview === previewOf(message.before);
  return { ...touched(conversation), ...(isShown ? { lastMessagePreview: previewOf(message.after) } : {}) };
}

/** The conversation after the event of an erasure, without the buyer's name and last message. */
export function withoutBuyer(conversation: Conversation, now: Date): Conversation {
  return { ...touched(conversation), buyerName: null, lastMessagePreview: null, erasedAt: now };
}

/** The conversation after a visible change. */
export function next(conversation: Conversation, changes: Partial<Conversation>): Conversation {
  return inWork(conversation, { ...touched(conversation), ...changes, revision: conversation.revision + 1 });
}

export function refuseVersion(
  { revision }: Conversation,
  expectedVersion: number | null,
): Refused<'VERSION_CONFLICT'> | null {
  if (expectedVersion === null || revision === expectedVersion) return null;
  const message = `The conversation is at version ${revision} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}

/** The conversation once the time for an answer is over, or nearly. */
export function markOverdue(conversation: Conversation, overdueSince: Date | null): Conversation {
  return { ...touched(conversation), overdueSince };
}
