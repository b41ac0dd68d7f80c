import type { AgentId, ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';

export const conversationStates = ['unread', 'pending', 'handled', 'transferred'] as const;
export type ConversationState = (typeof conversationStates)[number];

export interface Conversation {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
  readonly number: number;
  readonly accountId: ChannelAccountId;
  /** The word of the channel; one that only a newer version knows is possible. */
  readonly channel: string;
  readonly externalThreadId: string;
  readonly buyerName: string | null;
  readonly state: ConversationState;
  readonly assigneeId: AgentId | null;
  readonly unreadCount: number;
  readonly waitingSince: Date | null;
  readonly lastMessageAt: Date;
  readonly lastMessagePreview: string | null;
  readonly lastInboundAt: Date | null;
  /** Numbers the events of the conversation: grows with each. */
  readonly version: number;
  /** Guards what people overwrite: grows with what they see of the conversation (ADR 0014). */
  readonly revision: number;
  readonly createdAt: Date;
}

export interface AddedMessage {
  readonly direction: 'inbound' | 'outbound';
  readonly author: 'buyer' | 'seller' | 'bot' | 'system' | 'agent';
  readonly occurredAt: Date;
  readonly text: string | null;
}

const previewCharactersMax = 140;

/**
 * What a message makes of its conversation. Time of the platform counts: a late message never becomes the latest one, and
 * an answer older than the buyer's last words answers nothing. A late message of the buyer is still one nobody looked at.
 */
export function addMessage(conversation: Conversation, message: AddedMessage): Conversation {
  return {
    ...conversation,
    ...latestOf(conversation, message),
    ...standingAfter(conversation, message),
    version: conversation.version + 1,
    revision: conversation.revision + 1,
  };
}

function latestOf(conversation: Conversation, { occurredAt, text }: AddedMessage): Partial<Conversation> {
  // Version 0 is a conversation before its first message.
  if (conversation.version > 0 && occurredAt < conversation.lastMessageAt) return {};
  return { lastMessageAt: occurredAt, lastMessagePreview: previewOf(text) };
}

function standingAfter(
  conversation: Conversation,
  { direction, author, occurredAt }: AddedMessage,
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
  const isAnswer = direction === 'outbound' && (author === 'seller' || author === 'agent');
  if (!isAnswer || (lastInboundAt !== null && occurredAt < lastInboundAt)) return {};
  return settled;
}

const settled = { state: 'handled', unreadCount: 0, waitingSince: null } as const;

function earliest(one: Date | null, other: Date): Date {
  return one !== null && one < other ? one : other;
}

function previewOf(text: string | null): string | null {
  if (text === null) return null;
  // By code points, so that no emoji is cut in half.
  return [...text.slice(0, 2 * previewCharactersMax)].slice(0, previewCharactersMax).join('');
}

/** Who changes a conversation, knowing which version of it, and when. */
export interface Change {
  /** Null for a rule or the system. */
  readonly by: AgentId | null;
  /** Null for whoever decides by the conversation as it is now. */
  readonly expectedVersion: number | null;
  readonly now: Date;
}

/** Every state leads to every other; only what nobody holds cannot be handed over. */
export function moveTo(
  conversation: Conversation,
  state: ConversationState,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION'> {
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (conversation.state === state) {
    return refuse('ILLEGAL_TRANSITION', 'state', `The conversation is ${conversation.state} already.`);
  }
  if (state === 'transferred' && conversation.assigneeId === null) {
    return refuse(
      'ILLEGAL_TRANSITION',
      'state',
      'Nobody holds the conversation: assign it to an agent to hand it over.',
    );
  }
  if (state === 'handled') return accept(next(conversation, settled));
  return accept(
    next(conversation, { state, waitingSince: conversation.waitingSince ?? owedSince(conversation, change.now) }),
  );
}

/** A message got its place from the platform: it may be the latest now, or no longer be it. */
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

/** A reply did not reach the buyer: what counted as handled is owed again, so that it does not disappear from sight. */
export function reopenUnanswered(conversation: Conversation): Conversation {
  const { state, lastInboundAt } = conversation;
  if (state !== 'handled' || lastInboundAt === null) return touched(conversation);
  return next(conversation, { state: 'pending', waitingSince: lastInboundAt });
}

/** Reopened: the buyer waits since their message if it is the latest, else since now. */
function owedSince({ lastInboundAt, lastMessageAt }: Conversation, now: Date): Date {
  return lastInboundAt !== null && lastInboundAt >= lastMessageAt ? lastInboundAt : now;
}

/**
 * Gives the conversation to an agent, or back to everybody. What one agent hands to another becomes transferred until
 * that one looks; whoever takes a conversation themselves has looked. Nothing is transferred to nobody.
 */
export function assignTo(
  conversation: Conversation,
  agentId: AgentId | null,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT'> {
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (conversation.assigneeId === agentId) return accept(conversation);
  return accept(
    next(conversation, { assigneeId: agentId, state: stateAfterAssignment(conversation, agentId, change.by) }),
  );
}

function stateAfterAssignment(
  { state, assigneeId }: Conversation,
  to: AgentId | null,
  by: AgentId | null,
): ConversationState {
  if (state === 'handled') return state;
  if (to === null || to === by) return state === 'transferred' ? 'pending' : state;
  return assigneeId === null ? state : 'transferred';
}

/** Marks the buyer's messages as read. A transferred conversation becomes pending when its assignee looks at it. */
export function markRead(conversation: Conversation, change: Change): Decision<Conversation, 'VERSION_CONFLICT'> {
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  const { state, assigneeId, unreadCount } = conversation;
  const isLookedAt = state === 'unread' || (state === 'transferred' && assigneeId === change.by);
  if (!isLookedAt && unreadCount === 0) return accept(conversation);
  return accept(next(conversation, { unreadCount: 0, state: isLookedAt ? 'pending' : state }));
}

/** The same conversation one event on, for what leaves nothing to overwrite anew: a note, a delivery report. */
export function touched(conversation: Conversation): Conversation {
  return { ...conversation, version: conversation.version + 1 };
}

/** The same conversation one event on, without what tells who the buyer is or what they wrote last. */
export function withoutBuyer(conversation: Conversation): Conversation {
  return { ...touched(conversation), buyerName: null, lastMessagePreview: null };
}

function next(conversation: Conversation, changes: Partial<Conversation>): Conversation {
  return { ...touched(conversation), ...changes, revision: conversation.revision + 1 };
}

export function refuseVersion(
  { revision }: Conversation,
  expectedVersion: number | null,
): Refused<'VERSION_CONFLICT'> | null {
  if (expectedVersion === null || revision === expectedVersion) return null;
  const message = `The conversation is at version ${revision} now: read it again and decide anew.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}
