import { describe, expect, test } from '@jest/globals';
import { unreadableIn } from '../conformance/places.ts';
import { messageFacts } from './generic.message.ts';
import { parseDelivery } from './generic.parse.ts';
import { account, event, messageCreated, order, signed } from './generic.samples.ts';

const parse = (body: string) => parseDelivery(account, signed(body));
const messages = (body: string) => parse(body).facts.flatMap((fact) => (fact.type === 'message' ? [fact.message] : []));

describe('message.created', () => {
  test('a text of a buyer has all ids of the buyer', () => {
    const [message] = messages(messageCreated({ text: 'Where is it?', orderRef: 'O-1', inReplyTo: 'M-0' }));
    const { raw, ...rest } = message ?? { raw: '' };
    expect(rest).toEqual({
      externalThreadId: 'C-1',
      externalMessageId: 'M-1',
      direction: 'inbound',
      author: 'buyer',
      buyer: {
        externalId: 'B-7',
        commerceId: 'B-7',
        name: 'Ana',
        phone: '+55 11 99999-0000',
        email: 'ana@mail.example',
        avatarUrl: null,
        locale: 'pt-BR',
      },
      content: { kind: 'text', text: 'Where is it?' },
      occurredAt: new Date('2026-01-02T02:59:58.123Z'),
      sequence: null,
      replyToExternalId: 'M-0',
      externalOrderIds: ['O-1'],
    });
    expect(JSON.parse(raw)).toMatchObject({ externalId: 'M-1', text: 'Where is it?' });
  });

  test('a message that an agent wrote elsewhere is outbound and names its buyer', () => {
    const [message] = messages(
      messageCreated({ author: { id: 'A-1', role: 'agent' }, buyer: { id: 'B-7' }, text: 'Sent' }),
    );
    expect(message).toMatchObject({
      direction: 'outbound',
      author: 'seller',
      buyer: { externalId: 'B-7', name: null },
    });
  });

  test('each attachment becomes a message, and the first one has the text', () => {
    const attachments = [
      { url: 'https://cdn.example/1.png', mime: 'image/png', name: '1.png' },
      { url: 'https://cdn.example/2.pdf', mime: 'application/pdf' },
    ];
    const [first, second, ...others] = messages(messageCreated({ text: 'broken', attachments }));
    expect(first).toMatchObject({
      externalMessageId: 'M-1',
      content: { kind: 'image', caption: 'broken', fileName: '1.png' },
    });
    expect(second).toMatchObject({ externalMessageId: 'M-1#2', content: { kind: 'file', caption: null } });
    expect(others).toEqual([]);
  });

  test('malformed details of a person are left out, and the message is kept', () => {
    const author = { id: 'B-7', email: 'no address', phone: 'call me', locale: '??', avatarUrl: 'javascript:alert(1)' };
    expect(messages(messageCreated({ author, text: 'Hi' }))[0]?.buyer).toEqual({
      externalId: 'B-7',
      commerceId: 'B-7',
      name: null,
      phone: null,
      email: null,
      avatarUrl: null,
      locale: null,
    });
  });

  test.each(['http://cdn.example/a', 'javascript:alert(1)', 'data:text/html,x', '/a', '', 7])(
    'an attachment at %j is kept apart by its field name, and the words and other attachments are shown',
    (url) => {
      const good = { url: 'https://cdn.example/a', mime: 'image/png' };
      const bad = { url, mime: 'image/png' };
      const first = messageCreated({ text: 'broken', attachments: [good, bad, good] });
      expect(messages(first).map(({ externalMessageId }) => externalMessageId)).toEqual(['M-1', 'M-1#3']);
      const reason = 'data.attachments[].url is missing or malformed';
      expect(unreadableIn(parse(first))).toEqual([['data.attachments.1', reason]]);
      const second = messageCreated({ text: 'broken', attachments: [bad, good] });
      expect(messages(second).map(({ externalMessageId, content }) => [externalMessageId, content.kind])).toEqual([
        ['M-1', 'text'],
        ['M-1#2', 'image'],
      ]);
      expect(unreadableIn(parse(second))).toEqual([['data.attachments.0', reason]]);
    },
  );
});

describe('message.status', () => {
  test('is a receipt for our reference or for theirs', () => {
    expect(
      parse(event('message.status', { clientReference: 'our-id', externalId: 'M-2', status: 'read' })).facts,
    ).toEqual([
      {
        type: 'receipt',
        externalMessageId: 'M-2',
        clientReference: 'our-id',
        status: 'read',
        failure: null,
        detail: null,
        occurredAt: new Date('2026-01-02T02:59:58.123Z'),
      },
    ]);
  });

  test.each([
    ['RECIPIENT_UNREACHABLE', 'RECIPIENT_UNREACHABLE'],
    ['GIVEN_UP', 'PLATFORM_ERROR'],
    [undefined, 'PLATFORM_ERROR'],
  ])('failed for the reason %s is %s', (failure, expected) => {
    const data = { externalId: 'M-2', status: 'failed', failure, detail: 'x'.repeat(500) };
    expect(parse(event('message.status', data)).facts).toEqual([
      expect.objectContaining({ status: 'failed', failure: expected, detail: 'x'.repeat(200) }),
    ]);
  });
});

describe('order.updated', () => {
  const factsFrom = (more: object) => parse(event('order.updated', { ...order, ...more })).facts;
  const unreadableFrom = (more: object) => unreadableIn({ deliveryKey: '', facts: factsFrom(more) });
  const orderFrom = (more: object) => {
    const [fact] = factsFrom(more);
    return fact?.type === 'order' ? fact.order : null;
  };

  test('is the whole order', () => {
    expect(orderFrom({})).toEqual({
      externalOrderId: 'O-1',
      state: 'shipped',
      platformState: 'shipped',
      buyerExternalId: 'B-7',
      buyerName: 'Ana',
      total: { amountMinor: '3980', currency: 'EUR' },
      recipient: {
        name: 'Ana',
        phone: '+5511999990000',
        fullAddress: 'Rua A 1',
        city: 'São Paulo',
        region: 'BR',
        postalCode: '01000',
        isMasked: false,
      },
      items: [
        {
          externalItemId: 'I-1',
          sku: 'SKU-1',
          title: 'Bag',
          variant: 'red',
          imageUrl: 'https://cdn.example/bag.jpg',
          quantity: 2,
          unitPrice: { amountMinor: '1990', currency: 'EUR' },
        },
      ],
      shipments: [
        {
          externalShipmentId: 'S-1',
          carrier: 'DHL',
          trackingNumber: 'JD01',
          state: 'in_transit',
          platformState: 'in_transit',
          updatedAt: '2026-01-02T01:00:00.000Z',
        },
      ],
      placedAt: '2026-01-01T00:00:00.000Z',
      platformUpdatedAt: '2026-01-02T01:00:00.000Z',
    });
  });

  test('an unknown state is kept as the platform’s word', () => {
    expect(orderFrom({ state: 'awaiting_pickup' })).toMatchObject({ state: 'other', platformState: 'awaiting_pickup' });
    expect(orderFrom({ shipments: [{ id: 'S', state: 'stuck', trackingNumber: '-', carrier: '—' }] })).toMatchObject({
      shipments: [{ state: 'unknown', platformState: 'stuck', trackingNumber: null, carrier: null }],
    });
    expect(orderFrom({ shipments: [{ id: 'S', state: 'lost' }] })).toMatchObject({
      shipments: [{ state: 'exception', platformState: 'lost' }],
    });
  });

  test('a recipient with asterisks is marked as masked', () => {
    expect(orderFrom({ recipient: { name: 'A**', phone: '******00' } })?.recipient).toMatchObject({
      phone: '******00',
      isMasked: true,
    });
    expect(orderFrom({ recipient: { name: '-', region: 'B*' } })?.recipient).toMatchObject({
      name: null,
      region: null,
      isMasked: true,
    });
    expect(orderFrom({ recipient: undefined })?.recipient).toBeNull();
  });

  test('an amount in yen has no decimals', () => {
    expect(orderFrom({ total: { amount: '1200', currency: 'JPY' } })?.total).toEqual({
      amountMinor: '1200',
      currency: 'JPY',
    });
  });

  test.each([
    [{ amount: 'free', currency: 'JPY' }, 'the amount is not a decimal number'],
    [{ amount: '12.5', currency: 'JPY' }, 'the amount has more decimals than its currency'],
    [{ amount: '12', currency: 'YEN' }, 'the currency is not in ISO 4217'],
    [{ currency: 'JPY' }, 'the amount is not a decimal number'],
  ])('the total %j is noted, and the order is shown without it', (total, reason) => {
    expect(orderFrom({ total })).toMatchObject({ externalOrderId: 'O-1', total: null });
    expect(unreadableFrom({ total })).toEqual([['data.total', reason]]);
  });

  test.each([0.98, '2.5', 3_000_000_000, 0])('a quantity may be %j', (quantity) => {
    const items = [{ id: 'I-1', title: 'Rice', quantity }];
    expect(orderFrom({ items })?.items[0]?.quantity).toBe(Number(quantity));
  });

  test('a line that cannot be read hides no other, and an odd quantity hides no line', () => {
    const items = [
      { id: 'I-1', title: 'Bag', quantity: -1 },
      { id: 'I-2', title: 'Cup', quantity: '0.1234567890123456' },
      { title: 'No id', quantity: 1 },
    ];
    expect(orderFrom({ items })?.items).toMatchObject([
      { title: 'Bag', quantity: null },
      { title: 'Cup', quantity: null },
    ]);
    expect(unreadableFrom({ items }).map(([at]) => at)).toEqual([
      'data.items.0.quantity',
      'data.items.1.quantity',
      'data.items.2',
    ]);
  });
});

test('types that the contract does not name are ignored', () => {
  expect(parse(event('conversation.updated', {})).facts).toEqual([
    { type: 'ignored', platformKind: 'conversation.updated' },
  ]);
});

test('the key of a delivery is its webhook-id, hashed when too long', () => {
  const request = signed(messageCreated({ text: 'Hi' }));
  const keyOf = (id: string) => parseDelivery(account, { ...request, headers: { 'webhook-id': id } }).deliveryKey;
  expect(keyOf('msg_1')).toBe('webhook:msg_1');
  expect(keyOf('m'.repeat(181))).toMatch(/^webhook:[0-9a-f]{64}$/);
});

test.each([
  ['M', undefined, 'M'],
  ['M', 1, 'M'],
  ['M', 2, 'M#2'],
  ['M#2', undefined, 'M#2#1'],
  ['M#2', 2, 'M#2#2'],
])('a change of %s, attachment %p, is about the part %s', (externalId, attachment, externalMessageId) => {
  const author = { id: 'B' };
  const picture = { url: 'https://cdn.example/a.jpg' };
  const data = { conversationKey: 'C', externalId, author, attachments: [picture, picture] };
  const [told] = parse(event('message.deleted', { ...data, attachment })).facts;
  const parts = messageFacts(data, new Date(0));
  expect(told).toMatchObject({ type: 'change', change: { externalMessageId } });
  expect(parts).toContainEqual(expect.objectContaining({ message: expect.objectContaining({ externalMessageId }) }));
});

test.each([0, -1, 1.5, 'two'])('a change of the attachment %p is parked', (attachment) => {
  const data = { conversationKey: 'C', externalId: 'M', author: { id: 'B' }, attachment };
  expect(() => parse(event('message.deleted', data))).toThrow('data.attachment is not a number from 1');
});

test('no part of a message has the id of another message', () => {
  const picture = { url: 'https://cdn.example/a.jpg', mime: 'image/jpeg' };
  const idsOf = (externalId: string, attachments: number) =>
    messageFacts(
      {
        externalId,
        conversationKey: 'C',
        author: { id: 'B' },
        text: 'hi',
        attachments: Array(attachments).fill(picture),
      },
      new Date(0),
    )
      .flatMap((fact) => (fact.type === 'message' ? [fact.message, fact.alone ?? []].flat() : []))
      .map(({ externalMessageId }) => externalMessageId);
  const all = ['M', 'M#0', 'M#1', 'M#2', 'M#2#1', 'M#1#0', 'M#2#2'].flatMap((id) => idsOf(id, 3));
  expect(new Set(all).size).toBe(7 * 4);
  expect(idsOf('M', 1)).toEqual(['M', 'M#0']);
});

test('the words of an edit are applied, and only its attachment that cannot be read is kept apart', () => {
  const data = { conversationKey: 'C', externalId: 'M', author: { id: 'B' } };
  const edit = (url: string, text?: string) =>
    parse(event('message.edited', { ...data, text, attachments: [{ url, mime: 'image/png' }] }));
  const contentsOf = (edited: ReturnType<typeof edit>) =>
    edited.facts.flatMap((fact) =>
      fact.type === 'change' && fact.change.change.kind === 'edited' ? [fact.change.change.content] : [],
    );
  const bad = edit('http://cdn.example/a', 'new words');
  expect(contentsOf(bad)).toEqual([{ kind: 'text', text: 'new words' }]);
  expect(unreadableIn(bad)).toEqual([['data.attachments.0', 'data.attachments[].url is missing or malformed']]);
  expect(contentsOf(edit('https://cdn.example/a', 'new words'))).toMatchObject([
    { kind: 'image', caption: 'new words' },
  ]);
  expect(edit('http://cdn.example/a').facts.map(({ type }) => type)).toEqual(['unreadable']);
});
