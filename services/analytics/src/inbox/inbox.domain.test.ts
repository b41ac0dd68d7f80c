import { expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { counterChanges, type Fact, factKey, latestFacts, type Told } from './inbox.domain.ts';

const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();

function told(conversation: Partial<Told['conversation']> = {}, rest: Partial<Told> = {}): Told {
  return {
    tenantId,
    version: 1,
    isAnswer: false,
    delivery: null,
    conversation: {
      conversationId: newId<ConversationId>(),
      accountId,
      channel: 'shopee',
      state: 'unread',
      priority: 'normal',
      assigneeId: null,
      unreadCount: 2,
      inboundCount: 2,
      waitingSince: null,
      lastMessageAt: '2026-01-02T03:04:05.678Z',
      ...conversation,
    },
    ...rest,
  };
}

/** The fact after these events of one conversation, which get their versions by their order. */
function after(...steps: readonly Told[]): Fact {
  const conversationId = newId<ConversationId>();
  const events = steps.map((one, index) => {
    return { ...one, version: index + 1, conversation: { ...one.conversation, conversationId } };
  });
  const [fact] = latestFacts(new Map(), events);
  if (fact === undefined) throw new Error('nothing was told');
  return fact;
}

const unread = (inboundCount: number) => told({ inboundCount, waitingSince: '2026-01-02T03:04:05.678Z' });
const handled = (inboundCount: number, rest: Partial<Told> = {}) =>
  told({ state: 'handled', unreadCount: 0, inboundCount }, rest);
const answered = (inboundCount: number) => handled(inboundCount, { isAnswer: true });

const cell = {
  ...{ tenantId, accountId, channel: 'shopee', phase: 'open', assigneeId: null, teamId: null, enquiryType: null },
  marks: [],
};

test('a conversation that was joined into another one leaves its cell', () => {
  const before = after(told());
  const joined = { ...before, state: 'handled', unreadCount: 0, isJoined: true, version: 2 } as const;
  const left = { conversationCount: -1, unreadCount: -2, unprocessedCount: -2, repliedCount: 0, abnormalCount: -0 };
  expect(counterChanges([before], [joined])).toMatchObject([{ ...cell, state: 'unread', ...left, abnormalCount: 0 }]);
  expect(after(told({ phase: 'merged' })).isJoined).toBe(true);
});

test('a conversation that changes its state leaves one cell and enters another', () => {
  const before = after(told());
  const [next] = latestFacts(new Map([[factKey(before), before]]), [
    {
      ...answered(2),
      version: 2,
      conversation: { ...answered(2).conversation, conversationId: before.conversationId },
    },
  ]);
  if (next === undefined) throw new Error('nothing is newer');
  expect(counterChanges([before], [next])).toMatchObject([
    { ...cell, state: 'unread', conversationCount: -1, unreadCount: -2, unprocessedCount: -2 },
    { ...cell, state: 'handled', conversationCount: 1, unreadCount: 0, unprocessedCount: 0, repliedCount: 2 },
  ]);
});

test('a change that affects no count changes no cell', () => {
  const before = after(told());
  expect(counterChanges([before], [{ ...before, version: 2 }])).toEqual([]);
});

test('what is told of an older version is no news', () => {
  const before = after(told(), told());
  const { conversationId } = before;
  const older = told({ conversationId, state: 'handled' }, { version: 2 });
  expect(latestFacts(new Map([[factKey(before), before]]), [older])).toEqual([]);
  expect(latestFacts(new Map([[factKey(before), before]]), [{ ...older, version: 3 }])).toHaveLength(1);
});

test('messages wait for an answer until something settles them; only an answer replies to them', () => {
  expect(after(unread(1), unread(2))).toMatchObject({ unprocessedCount: 2, repliedCount: 0 });
  expect(after(unread(1), answered(1))).toMatchObject({ unprocessedCount: 0, repliedCount: 1 });
  expect(after(unread(1), handled(1))).toMatchObject({ unprocessedCount: 0, repliedCount: 0 });
  expect(after(unread(1), answered(1), unread(2), unread(3))).toMatchObject({ unprocessedCount: 2, repliedCount: 1 });
});

test('a handled conversation in which something is owed again has its last message to be answered', () => {
  expect(after(unread(3), answered(3), told({ state: 'pending', inboundCount: 3 }))).toMatchObject({
    unprocessedCount: 1,
    repliedCount: 2,
  });
  // The seller wrote first: there is nothing of a buyer.
  expect(after(told({ state: 'pending', inboundCount: 0 }))).toMatchObject({ unprocessedCount: 0 });
  // It was divided, and has fewer messages than before.
  expect(after(unread(5), answered(5), unread(2))).toMatchObject({ unprocessedCount: 1, repliedCount: 1 });
});

test('a reply that failed is abnormal until it arrives, somebody writes again or the conversation is handled', () => {
  const messageId = newId<MessageId>();
  const failed = told({ state: 'pending' }, { delivery: { messageId, isAbnormal: true } });
  const doubt = handled(2, { delivery: { messageId, isAbnormal: true } });
  const arrived = handled(2, { delivery: { messageId, isAbnormal: false } });
  expect(after(unread(1), answered(1), failed, failed).abnormalCount).toBe(1);
  expect(after(unread(1), answered(1), failed, answered(1)).abnormalCount).toBe(0);
  expect(after(unread(1), answered(1), failed, handled(1)).abnormalCount).toBe(0);
  expect(after(unread(1), answered(1), doubt, handled(2)).abnormalCount).toBe(1);
  expect(after(unread(1), answered(1), doubt, arrived).abnormalCount).toBe(0);
});

test('a conversation has the marks that are true of it', () => {
  expect(after(unread(1)).marks).toEqual(['awaiting-reply']);
  const overdue = { waitingSince: '2026-01-02T03:04:05.678Z', overdueSince: '2026-01-02T04:04:05.678Z' };
  expect(after(told(overdue)).marks).toEqual(['awaiting-reply', 'overdue']);
  expect(after(told({ marks: ['risk', 'complaint'] })).marks).toEqual(['complaint', 'risk']);
});
