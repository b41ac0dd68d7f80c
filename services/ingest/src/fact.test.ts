import { expect, test } from '@jest/globals';
import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import { inPlatformOrder } from './fact.ts';

function message(externalMessageId: string, second: number, sequence: string | null): NormalisedMessage {
  const buyer = {
    externalId: 'b',
    commerceId: null,
    name: null,
    phone: null,
    email: null,
    avatarUrl: null,
    locale: null,
  };
  return {
    externalThreadId: 't',
    externalMessageId,
    direction: 'inbound',
    author: 'buyer',
    buyer,
    content: { kind: 'text', text: 'hi' },
    occurredAt: new Date(second * 1_000),
    sequence,
    replyToExternalId: null,
    externalOrderIds: [],
    raw: '{}',
  };
}

test('a list in newest-first order is reversed, also within one second and for numbers of any length', () => {
  const newestFirst = [
    message('e', 3, '5'),
    message('d', 2, '10'),
    message('c', 2, '9'),
    message('b', 2, '8'),
    message('a', 1, '99'),
  ];
  expect(inPlatformOrder(newestFirst).map(({ externalMessageId }) => externalMessageId)).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
});

test('messages without a sequence keep the order they arrived in', () => {
  const given = [message('a', 1, null), message('b', 1, null), message('c', 1, '1')];
  expect(inPlatformOrder(given).map(({ externalMessageId }) => externalMessageId)).toEqual(['a', 'b', 'c']);
});
