import { expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { counterChanges, type Fact, latestFacts } from './inbox.domain.ts';
import { groupRows } from './overview.domain.ts';

const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();

function fact(overrides: Partial<Fact> = {}): Fact {
  const conversationId = newId<ConversationId>();
  return {
    tenantId,
    conversationId,
    accountId,
    channel: 'shopee',
    state: 'unread',
    unreadCount: 2,
    isJoined: false,
    version: 1,
    ...overrides,
  };
}

test('a conversation that was joined into another one leaves its cell', () => {
  const before = fact();
  const after = { ...before, state: 'handled', unreadCount: 0, isJoined: true, version: 2 } as const;
  expect(counterChanges([before], [after])).toEqual([
    { tenantId, accountId, channel: 'shopee', state: 'unread', conversationCount: -1, unreadMessageCount: -2 },
  ]);
});

test('a conversation that changes its state leaves one cell and enters another', () => {
  const before = fact();
  const after = { ...before, state: 'handled', unreadCount: 0, version: 2 } as const;
  expect(counterChanges([before], [after])).toEqual([
    { tenantId, accountId, channel: 'shopee', state: 'unread', conversationCount: -1, unreadMessageCount: -2 },
    { tenantId, accountId, channel: 'shopee', state: 'handled', conversationCount: 1, unreadMessageCount: 0 },
  ]);
});

test('a change that affects no count changes no cell', () => {
  const before = fact();
  expect(counterChanges([before], [{ ...before, version: 2 }])).toEqual([]);
});

test('of several facts of a conversation the highest version is used, whatever the order', () => {
  const first = fact();
  const last = { ...first, version: 3 };
  expect(latestFacts([last, { ...first, version: 2 }, first])).toEqual([last]);
});

test('facts are sorted by key, so that rows are locked in one order', () => {
  const facts = Array.from({ length: 20 }, () => fact({ conversationId: crypto.randomUUID() as ConversationId }));
  const ids = latestFacts(facts).map((one) => one.conversationId);
  expect(ids).toEqual([...ids].sort());
});

test('rows are summed over the dimensions that were not requested, and empty ones are left out', () => {
  const rows = [
    { channel: 'shopee', accountId, state: 'unread', conversationCount: 2, unreadMessageCount: 5 },
    { channel: 'shopee', accountId, state: 'handled', conversationCount: 3, unreadMessageCount: 0 },
    { channel: 'whatsapp', accountId, state: 'unread', conversationCount: 0, unreadMessageCount: 0 },
  ] as const;
  expect(groupRows(rows, ['PLATFORM'])).toEqual([
    { channel: 'shopee', accountId: null, state: null, conversationCount: 5, unreadMessageCount: 5 },
  ]);
  expect(groupRows(rows, [])).toMatchObject([{ channel: null, conversationCount: 5 }]);
  expect(groupRows(rows, ['STATE'])).toHaveLength(2);
});
