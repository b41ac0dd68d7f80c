import { describe, expect, test } from '@jest/globals';
import { type AgentId, type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import type { Decision } from '@crossdesk/service-kit/decision';
import {
  addMessage,
  type AddedMessage,
  assignTo,
  type Conversation,
  conversationStates,
  markRead,
  moveTo,
} from './conversation.domain.ts';
import { noMarks } from './marks.domain.ts';
import { joinConversations } from './join-conversations.domain.ts';

const ana = newId<AgentId>();
const bo = newId<AgentId>();
const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute));
const now = at(50);

function aConversation(overrides: Partial<Conversation> = {}): Conversation {
  return {
    tenantId: newId<TenantId>(),
    id: newId<ConversationId>(),
    number: 1,
    accountId: newId<ChannelAccountId>(),
    channel: 'shopee',
    externalThreadId: 'thread-1',
    buyerName: null,
    state: 'unread',
    priority: 'normal',
    assigneeId: null,
    phase: 'open',
    snoozedUntil: null,
    cycle: 1,
    teamId: null,
    enquiry: null,
    language: null,
    marks: noMarks,
    unreadCount: 1,
    waitingSince: at(10),
    overdueSince: null,
    lastMessageAt: at(10),
    lastMessagePreview: 'Where is my parcel?',
    lastInboundAt: at(10),
    joinedInto: null,
    splitFrom: null,
    regroupingId: null,
    isRegrouped: false,
    version: 9,
    revision: 4,
    buyerVersion: 8,
    personVersion: 0,
    contentVersion: 0,
    inboundSeq: 0,
    erasedAt: null,
    createdAt: at(0),
    ...overrides,
  };
}

test('what is owed in one of two joined conversations is owed in both, and duplicates count once', () => {
  const older = aConversation({ state: 'handled', unreadCount: 0, waitingSince: null, buyerName: 'Ana' });
  const younger = aConversation({
    unreadCount: 3,
    lastMessageAt: at(20),
    waitingSince: at(15),
    lastMessagePreview: 'hi',
  });
  const { from, into } = joinConversations(younger, older, 1);
  expect(into).toMatchObject({
    state: 'unread',
    unreadCount: 2,
    waitingSince: at(15),
    lastMessageAt: at(20),
    lastMessagePreview: 'hi',
    buyerName: 'Ana',
    joinedInto: null,
    version: older.version + 1,
  });
  expect(from).toMatchObject({ state: 'handled', unreadCount: 0, waitingSince: null, joinedInto: older.id });
});

test('the assignee of a joined conversation stays, and only the one it was transferred to', () => {
  const join = (a: Partial<Conversation>, b: Partial<Conversation>) =>
    joinConversations(aConversation({ ...a, unreadCount: 0 }), aConversation({ ...b, unreadCount: 0 }), 0).into;
  const transferred = { state: 'transferred', assigneeId: ana } as const;
  expect(join(transferred, { state: 'handled' })).toMatchObject(transferred);
  expect(join(transferred, { state: 'handled', assigneeId: bo })).toMatchObject({ state: 'pending', assigneeId: bo });
  expect(join({ state: 'pending' }, transferred)).toMatchObject(transferred);
});

const by = (agent: AgentId, expectedVersion = 4) => ({ by: agent, expectedVersion, now });
const fromBuyer = (minute: number, text = 'hello'): AddedMessage => ({
  id: newId(),
  direction: 'inbound',
  author: 'buyer',
  occurredAt: at(minute),
  text,
});
const fromSeller = (minute: number): AddedMessage => ({
  id: newId(),
  direction: 'outbound',
  author: 'seller',
  occurredAt: at(minute),
  text: 'sent',
});

function accepted<Value>(outcome: Decision<Value, string>): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.errors[0]?.code}`);
  return outcome.value;
}

const codeOf = (outcome: Decision<unknown, string>) => (outcome.ok ? null : outcome.errors[0]?.code);

describe('messages', () => {
  test.each(['handled', 'pending', 'unread'] as const)(
    'a message of the buyer makes a %s conversation unread',
    (state) => {
      const before = aConversation({ state, unreadCount: 2, waitingSince: null });
      expect(addMessage(before, fromBuyer(20))).toMatchObject({
        state: 'unread',
        unreadCount: 3,
        waitingSince: at(20),
        lastInboundAt: at(20),
        lastMessageAt: at(20),
        lastMessagePreview: 'hello',
        revision: 5,
      });
    },
  );

  test('a transferred conversation stays transferred and its unread count grows', () => {
    const before = aConversation({ state: 'transferred', assigneeId: ana, unreadCount: 0 });
    expect(addMessage(before, fromBuyer(20))).toMatchObject({
      state: 'transferred',
      unreadCount: 1,
      waitingSince: at(10),
    });
  });

  test('a late message of the buyer counts as unread, but changes neither the latest message nor its time', () => {
    const before = aConversation({ waitingSince: at(10) });
    expect(addMessage(before, fromBuyer(5))).toMatchObject({
      unreadCount: 2,
      waitingSince: at(5),
      lastMessageAt: at(10),
      lastMessagePreview: 'Where is my parcel?',
      lastInboundAt: at(10),
    });
  });

  test('an answer makes the conversation handled, also one from the console of the platform', () => {
    expect(addMessage(aConversation(), fromSeller(10))).toMatchObject({
      state: 'handled',
      unreadCount: 0,
      waitingSince: null,
      overdueSince: null,
    });
  });

  test('an answer older than the last message of the buyer changes no state', () => {
    expect(addMessage(aConversation(), fromSeller(9))).toMatchObject({
      state: 'unread',
      unreadCount: 1,
      waitingSince: at(10),
    });
  });

  test.each([
    ['bot', 'outbound'],
    ['system', 'outbound'],
    ['system', 'inbound'],
  ] as const)('a message of the %s, %s, changes no state', (author, direction) => {
    const after = addMessage(aConversation(), {
      id: newId(),
      author,
      direction,
      occurredAt: at(20),
      text: 'automatic',
    });
    expect(after).toMatchObject({
      state: 'unread',
      unreadCount: 1,
      waitingSince: at(10),
      lastInboundAt: at(10),
      lastMessageAt: at(20),
    });
  });

  test('the preview is cut between characters, never inside one', () => {
    const preview = addMessage(aConversation(), fromBuyer(20, '🎁'.repeat(500))).lastMessagePreview;
    expect(preview).toBe('🎁'.repeat(140));
  });
});

describe('moves', () => {
  const pairs = conversationStates.flatMap((from) => conversationStates.map((to) => [from, to] as const));
  test.each(pairs)('from %s to %s', (from, to) => {
    const before = aConversation({ state: from, assigneeId: ana, unreadCount: from === 'unread' ? 2 : 0 });
    const after = accepted(moveTo(before, to, by(ana)));
    expect(after).toMatchObject({ state: to, revision: from === to ? 4 : 5 });
    if (to !== 'transferred') expect(after.unreadCount > 0).toBe(to === 'unread');
  });

  test('a repeat with the version before the first request succeeds and changes nothing', () => {
    const pending = aConversation({ state: 'pending', unreadCount: 0, assigneeId: ana });
    const again = [
      moveTo(pending, 'pending', by(ana, 3)),
      assignTo(pending, ana, by(bo, 3)),
      markRead(pending, by(ana, 3)),
    ];
    expect(again.map(accepted)).toEqual([pending, pending, pending]);
  });

  test('an unassigned conversation cannot be transferred', () => {
    expect(codeOf(moveTo(aConversation({ state: 'pending' }), 'transferred', by(ana)))).toBe('ILLEGAL_TRANSITION');
  });

  test('an expected version that is not the current one is refused', () => {
    const before = aConversation();
    const outcomes = [
      moveTo(before, 'pending', by(ana, 3)),
      assignTo(before, ana, by(ana, 5)),
      markRead(before, by(ana, 3)),
    ];
    expect(outcomes.map(codeOf)).toEqual(['VERSION_CONFLICT', 'VERSION_CONFLICT', 'VERSION_CONFLICT']);
  });

  test('handled owes no answer; reopened owes one since the last message of the buyer, or since now if that was answered', () => {
    const handled = accepted(moveTo(aConversation(), 'handled', by(ana)));
    expect(handled).toMatchObject({ waitingSince: null, unreadCount: 0 });
    expect(accepted(moveTo(handled, 'pending', by(ana, 5))).waitingSince).toEqual(at(10));
    const answered = { ...handled, lastMessageAt: at(30) };
    expect(accepted(moveTo(answered, 'pending', by(ana, 5))).waitingSince).toEqual(now);
  });
});

describe('assignment', () => {
  test.each([
    ['unread', null, ana, bo, 'unread'],
    ['pending', ana, bo, ana, 'transferred'],
    ['unread', ana, bo, ana, 'transferred'],
    ['pending', ana, bo, bo, 'pending'],
    ['transferred', ana, bo, bo, 'unread'],
    ['transferred', ana, null, bo, 'unread'],
    ['handled', ana, bo, ana, 'handled'],
    ['pending', ana, null, ana, 'pending'],
  ] as const)('%s, held by %s, given to %s by %s becomes %s', (state, holder, to, actor, after) => {
    const outcome = assignTo(aConversation({ state, assigneeId: holder }), to, by(actor));
    expect(accepted(outcome)).toMatchObject({ state: after, assigneeId: to, revision: 5 });
  });

  test('a transferred conversation in which all is read becomes pending when somebody takes it', () => {
    const before = aConversation({ state: 'transferred', assigneeId: ana, unreadCount: 0 });
    expect(accepted(assignTo(before, bo, by(bo))).state).toBe('pending');
  });

  test('assigning it to its assignee changes nothing', () => {
    const before = aConversation({ assigneeId: ana });
    expect(accepted(assignTo(before, ana, by(bo)))).toBe(before);
  });
});

describe('reading', () => {
  test('an unread conversation becomes pending and still owes an answer', () => {
    expect(accepted(markRead(aConversation(), by(ana)))).toMatchObject({
      state: 'pending',
      unreadCount: 0,
      waitingSince: at(10),
      revision: 5,
    });
  });

  test('a transferred conversation becomes pending when its assignee reads it, not when another agent does', () => {
    const before = aConversation({ state: 'transferred', assigneeId: ana });
    expect(accepted(markRead(before, by(ana))).state).toBe('pending');
    expect(accepted(markRead(before, by(bo)))).toMatchObject({ state: 'transferred', unreadCount: 0 });
  });

  test('marking a read conversation as read changes nothing', () => {
    const before = aConversation({ state: 'pending', unreadCount: 0 });
    expect(accepted(markRead(before, by(ana)))).toBe(before);
  });
});
