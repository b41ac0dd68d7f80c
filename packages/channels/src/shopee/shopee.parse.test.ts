import { describe, expect, test } from '@jest/globals';
import { type NormalisedMessage, UnparsableDelivery } from '../port/index.ts';
import { answerHandshake, parsePush } from './shopee.parse.ts';
import { account, chatMessage, chatPush, push, signed } from './shopee.samples.ts';

const parse = (body: string) => parsePush(account, signed(body));
const factsOf = (body: string) => parse(body).facts;

function messageOf(body: string): NormalisedMessage {
  const [fact] = factsOf(body);
  if (fact?.type !== 'message') throw new Error('expected a message');
  return fact.message;
}

const contentOf = (platformKind: string, content: unknown) =>
  messageOf(chatPush({ message_type: platformKind, content })).content;

const picture = { mimeType: null, fileName: null, mediaId: null, caption: null, thumbnailUrl: null };

test('a message of a buyer becomes a message in our format', () => {
  expect(messageOf(chatPush())).toEqual({
    externalThreadId: '700000000000000009',
    externalMessageId: '2400000000000000002',
    direction: 'inbound',
    author: 'buyer',
    buyer: {
      externalId: '700900001',
      commerceId: '700900001',
      name: 'buyer_a',
      phone: null,
      email: null,
      avatarUrl: null,
      locale: null,
    },
    content: { kind: 'text', text: 'When will it ship?' },
    occurredAt: new Date('2026-01-01T00:00:00Z'),
    sequence: '176722560002400000000000000002',
    replyToExternalId: null,
    externalOrderIds: ['260101ABCDEF12'],
    raw: JSON.stringify(chatMessage),
  });
});

test('raw 19-digit ids keep every digit', () => {
  const body = chatPush()
    .replace('"2400000000000000002"', '2400000000000000003')
    .replace('"700000000000000009"', '700000000000000007');
  expect(messageOf(body)).toMatchObject({
    externalMessageId: '2400000000000000003',
    externalThreadId: '700000000000000007',
  });
});

test('messages of the same second are ordered by the number of their id', () => {
  const sequences = ['9', '10', '2400000000000000002'].map((id) => messageOf(chatPush({ message_id: id })).sequence);
  const sorted = sequences.toSorted((a, b) => (BigInt(a ?? 0) < BigInt(b ?? 0) ? -1 : 1));
  expect(sequences).toEqual(sorted);
});

test('a quoted message is the one that is replied to', () => {
  expect(messageOf(chatPush({ quoted_msg: { message_id: '23' } })).replyToExternalId).toBe('23');
});

describe('the direction', () => {
  test('names the product from whose page the buyer wrote', () => {
    const { facts } = parse(chatPush({ source_content: { item_id: 42 } }));
    const product = { externalProductId: '42', externalCatalogId: null };
    expect(facts).toMatchObject([{ message: { context: { product } } }]);
  });

  test.each([
    ['a sender shop of 0', { from_shop_id: 0, to_shop_id: 700100200 }, 'inbound', 'buyer', '700900001'],
    ['another shop as the sender', { from_shop_id: 55, to_shop_id: 700100200 }, 'inbound', 'buyer', '700900001'],
    ['our shop as the sender', { from_shop_id: 700100200, to_shop_id: 0 }, 'outbound', 'seller', '700900002'],
    ['a receiver shop that is not ours', { to_shop_id: 55 }, 'outbound', 'seller', '700900002'],
    ['a sub-account as the sender', { to_shop_id: 0, sub_account_id: 7 }, 'outbound', 'seller', '700900002'],
    ['an automatic reply', { to_shop_id: 0, status: 'auto_reply' }, 'outbound', 'bot', '700900002'],
  ])('with %s', (_, changes, direction, author, buyerId) => {
    expect(messageOf(chatPush(changes))).toMatchObject({ direction, author, buyer: { externalId: buyerId } });
  });
});

test('a message without the shops of its sides is not guessed: the messages are listed', () => {
  const body = chatPush({ from_shop_id: undefined, to_shop_id: undefined });
  expect(factsOf(body)).toEqual([{ type: 'messages-hint' }]);
});

describe('the content', () => {
  test.each([
    ['text', { text: '' }, { kind: 'text', text: '' }],
    ['faq_liveagent', { text: 'Chat now', pass_through_data: '' }, { kind: 'text', text: 'Chat now' }],
    [
      'image',
      { url: 'https://cf.shopee.sg/file/a', thumb_url: 'b' },
      { ...picture, kind: 'image', url: 'https://cf.shopee.sg/file/a', thumbnailUrl: 'https://cf.shopee.sg/file/b' },
    ],
    ['image', { url: 'a1' }, { ...picture, kind: 'image', url: 'https://cf.shopee.sg/file/a1', mediaId: 'a1' }],
    [
      'image_with_text',
      { url: 'https://x.example/1', text: 'broken' },
      { ...picture, kind: 'image', url: 'https://x.example/1', caption: 'broken' },
    ],
    [
      'video',
      { video_url: 'https://x.example/v', thumb_url: 'https://x.example/t', duration_seconds: 5 },
      { ...picture, kind: 'video', url: 'https://x.example/v', thumbnailUrl: 'https://x.example/t' },
    ],
    ['sticker', { sticker_id: '3', sticker_package_id: 'cat' }, { kind: 'sticker', stickerId: 'cat/3', url: null }],
    ['item', { shop_id: 1, item_id: 42 }, { kind: 'product', externalProductId: '42', title: null, imageUrl: null }],
    ['order', { shop_id: 1, order_sn: '26X' }, { kind: 'order', externalOrderId: '26X' }],
    ['bundle_message', { messages: ['1', 2] }, { kind: 'bundle', externalMessageIds: ['1', '2'] }],
    ['notification', { text: 'Left' }, { kind: 'system', text: 'Left' }],
    ['voucher', { voucher_code: 'SAVE10' }, { kind: 'coupon', externalCouponId: 'SAVE10', title: null }],
    ['voucher', {}, { kind: 'unsupported', platformKind: 'voucher' }],
    ['sticker', {}, { kind: 'unsupported', platformKind: 'sticker' }],
    ['bundle_message', { messages: [] }, { kind: 'unsupported', platformKind: 'bundle_message' }],
    ['image', {}, { kind: 'unsupported', platformKind: 'image' }],
    ['image_with_text', { text: 'Torn' }, { kind: 'text', text: 'Torn' }],
    ['video', {}, { kind: 'unsupported', platformKind: 'video' }],
    ['hologram', { depth: 3 }, { kind: 'unsupported', platformKind: 'hologram' }],
    ['text', {}, { kind: 'unsupported', platformKind: 'text' }],
    ['item', {}, { kind: 'unsupported', platformKind: 'item' }],
    ['order', {}, { kind: 'unsupported', platformKind: 'order' }],
  ])('of a %s is understood', (platformKind, content, expected) => {
    expect(contentOf(platformKind, content)).toEqual(expected);
  });

  test('of a picture that is only an id in an unknown region keeps the id', () => {
    const body = chatPush({ message_type: 'image', content: { url: 'a1' }, region: 'XX' });
    expect(messageOf(body).content).toMatchObject({ url: null, mediaId: 'a1' });
  });

  test('of an order card adds the order to the orders of the message', () => {
    const body = chatPush({ message_type: 'order', content: { order_sn: '26X' } });
    expect(messageOf(body).externalOrderIds).toEqual(['260101ABCDEF12', '26X']);
  });
});

test('our message that Shopee blocked gives a message and a failed delivery', () => {
  const facts = factsOf(chatPush({ from_shop_id: 700100200, status: 'blocked' }));
  expect(facts).toEqual([
    expect.objectContaining({ type: 'message' }),
    expect.objectContaining({ type: 'receipt', status: 'failed', failure: 'POLICY_BLOCKED' }),
  ]);
});

describe('pushes that are no messages', () => {
  test.each([
    ['3', { ordersn: '26X', status: 'SHIPPED', update_time: 1767225600 }],
    ['4', { ordersn: '26X', package_number: 'P1', tracking_no: 'T1' }],
    ['30', { ordersn: '26X', package_number: 'P1', fulfillment_status: 'LOGISTICS_READY' }],
    ['29', { order_sn: '26X', return_sn: 'R1', updated_values: [{ update_field: 'return_status' }] }],
  ])('code %s says that an order changed', (code, data) => {
    expect(factsOf(push(Number(code), data))).toEqual([{ type: 'order-hint', externalOrderId: '26X' }]);
  });

  test('a chat notification is ignored, even one of the console without a conversation', () => {
    const data = { type: 'notification', content: { user_id: 1, type: 'mark_as_replied', from_id: 0 } };
    expect(factsOf(push(10, data))).toEqual([
      { type: 'ignored', platformKind: '10/notification/mark_as_replied', reason: 'console' },
    ]);
  });

  test('codes without meaning for customer service are ignored', () => {
    for (const code of [0, 5, 16, 999])
      expect(factsOf(push(code, {}))).toEqual([{ type: 'ignored', platformKind: String(code) }]);
  });

  test('facts of another shop of the app name that shop', () => {
    expect(factsOf(push(3, { ordersn: '26X' }, { shop_id: 99 }))).toEqual([
      { type: 'order-hint', externalOrderId: '26X', externalAccountId: '99' },
    ]);
  });

  test('an authorisation connects the account, its end asks for a new one', () => {
    const data = { shop_id: 700100200, success: 1 };
    expect(factsOf(push(1, data, { shop_id: undefined }))).toMatchObject([
      { type: 'account', status: 'connected', consent: 'renewed' },
    ]);
    expect(factsOf(push(2, data, { shop_id: undefined }))).toMatchObject([{ type: 'account', status: 'reauthorise' }]);
    expect(factsOf(push(2, { shop_id_list: [98, 99] }, { shop_id: undefined }))).toMatchObject([
      { type: 'account', status: 'reauthorise', externalAccountId: '98' },
      { type: 'account', status: 'reauthorise', externalAccountId: '99' },
    ]);
  });

  test.each([
    [{ merchant_id_list: [7] }],
    [{ main_account_id: 8, extra: 'shop 98 is frozen' }],
    [{ shop_id: 0, extra: '' }],
    [{ shop_id: 700100200, success: 0 }],
  ])('an end of authorisation with %j leaves the account alone', (data) => {
    expect(factsOf(push(2, data, { shop_id: undefined }))).toMatchObject([{ type: 'ignored' }]);
  });

  test.each([
    ['shop is frozen', /froze/, 'banned'],
    ['authorization expired', /expired/, 'expired'],
    ['cancelled by seller', /cancelled/, 'revoked'],
  ])('an authorisation that ended with "%s" says so', (extra, reason, loss) => {
    const data = { shop_id: 700100200, extra, success: 1 };
    expect(factsOf(push(2, data, { shop_id: undefined }))).toEqual([
      { type: 'account', status: 'reauthorise', reason: expect.stringMatching(reason), loss },
    ]);
  });

  test('the warning before the end names the day and leaves the account connected', () => {
    const data = { shop_expire_soon: [1, 700100200], expire_before: 1767830400, page_no: 1, total_page: 1 };
    const warning = {
      type: 'account',
      status: 'connected',
      reason: 'The authorisation expires before 2026-01-08T00:00:00.000Z: authorise the app again',
      consent: { endsBy: new Date('2026-01-08T00:00:00.000Z') },
    };
    const facts = factsOf(push(12, data, { shop_id: undefined }));
    expect(facts).toEqual([{ ...warning, externalAccountId: '1' }, warning]);
  });
});

describe('the delivery key', () => {
  test('of a message is its id, even if something else changed between two pushes', () => {
    expect(parse(chatPush({ request_id: 'x2' })).deliveryKey).toBe(parse(chatPush()).deliveryKey);
  });

  test('has the shop: two shops of an app may have messages with the same id', () => {
    const keyOf = (shopId: number) =>
      parse(JSON.stringify({ ...Object(JSON.parse(chatPush())), shop_id: shopId })).deliveryKey;
    expect(keyOf(1)).not.toBe(keyOf(2));
    expect(keyOf(1)).toBe(keyOf(1));
  });

  test('has the chat: two chats may have messages with the same id', () => {
    expect(parse(chatPush({ conversation_id: '1' })).deliveryKey).not.toBe(parse(chatPush()).deliveryKey);
  });

  test('of an order push is its id or the reported state', () => {
    const data = { ordersn: '26X', status: 'SHIPPED', update_time: 1767225600 };
    const keyOf = (changes: object, envelope: object = {}) =>
      parse(push(3, { ...data, ...changes }, envelope)).deliveryKey;
    expect(keyOf({}, { msg_id: 'm1' })).toBe('3:m1');
    expect(keyOf({}, { timestamp: 1767225999 })).toBe(keyOf({}));
    expect(keyOf({ status: 'COMPLETED' })).not.toBe(keyOf({}));
    expect(keyOf({ update_time: 1767225601 })).not.toBe(keyOf({}));
  });

  test('stays within the maximum length', () => {
    const { deliveryKey } = parse(push(3, { ordersn: '26X' }, { msg_id: 'm'.repeat(500) }));
    expect(deliveryKey).toMatch(/^3:[0-9a-f]{64}$/);
  });
});

test.each([
  ['{"shop_id":700100200}', 'code'],
  [push(3, {}), 'data.ordersn'],
  [push(10, {}), 'data.type'],
  [chatPush({ message_id: '' }), 'message_id'],
  [chatPush({ conversation_id: null }), 'conversation_id'],
  [chatPush({ from_id: 0 }), 'from_id'],
  [chatPush({ created_timestamp: 'now' }), 'created_timestamp'],
])('%s is unparsable, and the error names the field', (body, fieldName) => {
  expect(() => parse(body)).toThrow(UnparsableDelivery);
  expect(() => parse(body)).toThrow(fieldName);
});

describe('the check of the callback address', () => {
  test('an unsigned post without a push is answered with an empty 200', () => {
    for (const body of ['', '{}', ' { }\n'])
      expect(answerHandshake({ ...signed(body), headers: {} })).toEqual({
        status: 200,
        contentType: 'text/plain',
        body: '',
      });
  });

  test('a request with a push is no check', () => {
    for (const body of [chatPush(), '{"code":0}', '{"code":3}', '[]', `${' '.repeat(100)}{}`])
      expect(answerHandshake(signed(body))).toBeNull();
    expect(answerHandshake({ ...signed(''), method: 'GET' })).toBeNull();
  });
});
