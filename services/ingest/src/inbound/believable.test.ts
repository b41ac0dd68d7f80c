import { expect, test } from '@jest/globals';
import type { Fact, NormalisedMessage } from '@crossdesk/channels/adapters';
import type { PlatformOrder } from '@crossdesk/contracts';
import { believable } from './believable.ts';

const receivedAt = new Date('2026-03-01T10:00:00Z');
const minutes = (n: number) => new Date(receivedAt.getTime() + n * 60_000);

function aMessage(given: Partial<NormalisedMessage>): Fact {
  const buyer = { externalId: 'b', commerceId: null, phone: null, email: null, avatarUrl: null, locale: null };
  return {
    type: 'message',
    message: {
      externalThreadId: 't',
      externalMessageId: 'm',
      direction: 'inbound',
      author: 'buyer',
      buyer: { ...buyer, name: 'Ana' },
      content: { kind: 'text', text: 'hi' },
      occurredAt: receivedAt,
      sequence: null,
      replyToExternalId: null,
      externalOrderIds: [],
      raw: '{}',
      ...given,
    },
  };
}

function anOrder(given: Partial<PlatformOrder>): Fact {
  const at = '2026-02-01T00:00:00.000Z';
  const order = {
    externalOrderId: 'o',
    state: 'shipped',
    platformState: 's',
    buyerExternalId: null,
    buyerName: null,
  } as const;
  const parts = { total: null, recipient: null, items: [], shipments: [], placedAt: at, platformUpdatedAt: at };
  return { type: 'order', order: { ...order, ...parts, ...given } };
}

test.each([
  ['in the year 2096', new Date('2096-01-01T00:00:00Z'), receivedAt],
  ['of local time labelled UTC', minutes(7 * 60), receivedAt],
  ['of a clock that was never set', new Date(0), receivedAt],
  ['of a clock that is a little ahead', minutes(5), minutes(5)],
  ['of a message that arrives late', minutes(-7 * 24 * 60), minutes(-7 * 24 * 60)],
])('the time %s', (_of, told, believed) => {
  const claimedAt = told.getTime() === believed.getTime() ? null : told;
  expect(believable(aMessage({ occurredAt: told }), receivedAt)).toEqual({
    ...{ fact: aMessage({ occurredAt: believed }), claimedAt },
  });
  const receipt = { type: 'receipt', externalMessageId: 'm', clientReference: null, status: 'read' } as const;
  const rest = { failure: null, detail: null };
  expect(believable({ ...receipt, ...rest, occurredAt: told }, receivedAt)).toEqual({
    ...{ fact: { ...receipt, ...rest, occurredAt: believed }, claimedAt },
  });
});

test('an order of the future is of now, and says so', () => {
  const future = '2096-01-01T00:00:00.000Z';
  const now = receivedAt.toISOString();
  expect(believable(anOrder({ platformUpdatedAt: future, placedAt: future }), receivedAt).fact).toEqual(
    anOrder({ platformUpdatedAt: now, placedAt: now, claimedUpdatedAt: future }),
  );
  expect(believable(anOrder({}), receivedAt).fact).toEqual(anOrder({}));
});

test.each(['\u2800\u200d', ' \u3164', '\u00ad\u2066\u0007', ''])('the name %j is no name', (name) => {
  const nameless = (fact: Fact) => JSON.stringify(fact).includes('"name":null');
  const message = aMessage({});
  const buyer = { externalId: 'b', commerceId: null, phone: null, email: null, avatarUrl: null, locale: null, name };
  if (message.type !== 'message') return;
  expect(nameless(believable({ ...message, message: { ...message.message, buyer } }, receivedAt).fact)).toBe(true);
  expect(believable(anOrder({ buyerName: name }), receivedAt).fact).toEqual(anOrder({ buyerName: null }));
});
