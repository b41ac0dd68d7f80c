import type { MessageContent } from '@crossdesk/contracts';
import { describe, expect, test } from '@jest/globals';
import { UnparsableDelivery } from '../port/index.ts';
import { unreadableIn, withoutPlaces } from '../conformance/places.ts';
import { parsePush } from './tiktok-shop.parse.ts';
import { account, conversationId, messagePush, push, signed } from './tiktok-shop.samples.ts';

const parse = (body: string) => withoutPlaces(parsePush(account, signed(body)));
const factsOf = (body: string) => parse(body).facts;
const messageOf = (changes: object) => {
  const [fact] = factsOf(messagePush(changes));
  if (fact?.type !== 'message') throw new Error('the push contains no message');
  return fact.message;
};
const sentBy = (role: string) => messageOf({ sender: { im_user_id: '1', role } });

describe('a message push', () => {
  test('gives thread, buyer, order and time of the message', () => {
    expect(messageOf({})).toMatchObject({
      externalThreadId: conversationId,
      externalMessageId: '7000000000000000003',
      direction: 'inbound',
      author: 'buyer',
      buyer: { externalId: `conversation:${conversationId}`, commerceId: null, name: null },
      content: { kind: 'text', text: 'When will it ship?' },
      occurredAt: new Date('2025-12-31T23:59:59Z'),
      sequence: '7000000000000000004',
      externalOrderIds: [],
    });
  });

  test.each([
    ['BUYER', 'inbound', 'buyer'],
    ['SHOP', 'outbound', 'seller'],
    ['CUSTOMER_SERVICE', 'outbound', 'seller'],
    ['ROBOT', 'outbound', 'bot'],
    ['SYSTEM', 'outbound', 'system'],
    ['SOMEBODY_NEW', 'outbound', 'system'],
  ])('of role %s is %s by the %s', (role, direction, author) => {
    expect(sentBy(role)).toMatchObject({ direction, author });
  });

  test('names the same buyer for every sender', () => {
    expect(sentBy('CUSTOMER_SERVICE').buyer).toEqual(sentBy('BUYER').buyer);
  });

  const media = { mimeType: null, fileName: null, caption: null };
  const kinds: [string, object | string, MessageContent][] = [
    ['TEXT', { content: ' Hi \n' }, { kind: 'text', text: ' Hi \n' }],
    ['TEXT', { content: '' }, { kind: 'text', text: '' }],
    [
      'IMAGE',
      { url: 'https://cdn/i.jpg', width: '10', height: '20' },
      { kind: 'image', url: 'https://cdn/i.jpg', thumbnailUrl: null, mediaId: null, ...media },
    ],
    [
      'VIDEO',
      { url: 'https://cdn/v.mp4', cover: 'https://cdn/c.jpg', vid: 'v1', duration: '3' },
      { kind: 'video', url: 'https://cdn/v.mp4', thumbnailUrl: 'https://cdn/c.jpg', mediaId: 'v1', ...media },
    ],
    ['EMOTICONS', { url: 'https://cdn/e.webp' }, { kind: 'sticker', stickerId: null, url: 'https://cdn/e.webp' }],
    ['EMOTICONS', { emoji: 7 }, { kind: 'sticker', stickerId: null, url: null }],
    ['EMOTICONS', { url: 'javascript:alert(1)' }, { kind: 'sticker', stickerId: null, url: null }],
    ['EMOTICONS', { url: 'sticker_7' }, { kind: 'sticker', stickerId: null, url: null }],
    ['PRODUCT_CARD', { product_id: '17' }, { kind: 'product', externalProductId: '17', title: null, imageUrl: null }],
    ['ORDER_CARD', { order_id: '576461413038785752' }, { kind: 'order', externalOrderId: '576461413038785752' }],
    ['NOTIFICATION', { content: 'Closed' }, { kind: 'system', text: 'Closed' }],
    ['ALLOCATED_SERVICE', { content: 'Ann joined' }, { kind: 'system', text: 'Ann joined' }],
    ['BUYER_ENTER_FROM_TRANSFER', { content: 'Transferred' }, { kind: 'system', text: 'Transferred' }],
    ['OTHER', { content: 'See the app' }, { kind: 'system', text: 'See the app' }],
    ['OTHER', {}, { kind: 'unsupported', platformKind: 'OTHER' }],
    ['TEXT', 'words', { kind: 'unsupported', platformKind: 'TEXT' }],
    ['PRODUCT_CARD', {}, { kind: 'unsupported', platformKind: 'PRODUCT_CARD' }],
    ['ORDER_CARD', {}, { kind: 'unsupported', platformKind: 'ORDER_CARD' }],
    ['COUPON_CARD', {}, { kind: 'unsupported', platformKind: 'COUPON_CARD' }],
    ['OTHER', { unsupported_msg_tips: 'Open the app' }, { kind: 'system', text: 'Open the app' }],
    ['COUPON_CARD', { coupon_id: '1' }, { kind: 'coupon', externalCouponId: '1', title: null }],
    [
      'RETURN_REFUND_CARD',
      { order_id: '57', sku_id: '3' },
      { kind: 'return', externalOrderId: '57', externalProductId: '3' },
    ],
    ['HOLOGRAM', {}, { kind: 'unsupported', platformKind: 'HOLOGRAM' }],
  ];
  test.each(kinds)('of type %s with %j is read', (type, content, expected) => {
    expect(messageOf({ type, content: JSON.stringify(content) }).content).toEqual(expected);
  });

  test('shows where the buyer came from as a notice, not as words of the buyer', () => {
    const fromOrder = messageOf({ type: 'BUYER_ENTER_FROM_ORDER', content: '{"order_id":"57"}' });
    expect(fromOrder).toMatchObject({ direction: 'inbound', author: 'system', content: { kind: 'order' } });
    const fromProduct = messageOf({ type: 'BUYER_ENTER_FROM_PRODUCT', content: '{"product_id":"17"}' });
    expect(fromProduct).toMatchObject({ direction: 'inbound', author: 'system', content: { kind: 'product' } });
  });

  test.each(['ORDER_CARD', 'BUYER_ENTER_FROM_ORDER', 'RETURN_REFUND_CARD'])('of type %s names its order', (type) => {
    expect(messageOf({ type, content: '{"order_id":"57","sku_id":"1"}' }).externalOrderIds).toEqual(['57']);
  });

  test('that is not visible is ignored', () => {
    expect(factsOf(messagePush({ is_visible: false }))).toEqual([
      { type: 'ignored', platformKind: '14/invisible', reason: 'hidden' },
    ]);
  });

  test('keeps every digit of numeric ids', () => {
    const body = messagePush().replace('"7000000000000000003"', '7000000000000000003');
    expect(factsOf(body)).toMatchObject([{ message: { externalMessageId: '7000000000000000003' } }]);
  });

  test.each([
    ['conversation_id', { conversation_id: '' }],
    ['message id', { message_id: null }],
    ['create_time', { create_time: null }],
    ['create_time', { create_time: 'now' }],
    ['sender.role', { sender: {} }],
  ])('with a bad %s is unparsable, and the error names it: %j', (name, changes) => {
    const parsing = () => parse(messagePush(changes));
    expect(parsing).toThrow(UnparsableDelivery);
    expect(parsing).toThrow(name);
  });
});

describe('other pushes', () => {
  test.each([1, 2, 3, 11, 12])('type %i says that an order changed', (type) => {
    expect(factsOf(push(type, { order_id: '57', order_status: 'CANCEL' }))).toEqual([
      { type: 'order-hint', externalOrderId: '57' },
    ]);
  });

  test('a package update names each order once', () => {
    const packages = [{ order_id_list: ['57', '58'] }, { order_id_list: ['58', '59'] }];
    expect(factsOf(push(4, { sc_type: 'COMBINE', package_list: packages }))).toEqual(
      ['57', '58', '59'].map((externalOrderId) => ({ type: 'order-hint', externalOrderId })),
    );
  });

  test('an order that a package update does not name hides no other order', () => {
    const body = push(4, { package_list: [{ order_id_list: [null, '57'] }] });
    expect(unreadableIn(parsePush(account, signed(body)))).toEqual([
      ['data.package_list.0.order_id_list.0', 'an entry of order_id_list is missing'],
    ]);
    expect(factsOf(body)).toContainEqual({ type: 'order-hint', externalOrderId: '57' });
  });

  test('a withdrawn authorisation asks for a new one, a coming expiry warns', () => {
    expect(factsOf(push(6, { message: 'bye' }))).toMatchObject([{ type: 'account', status: 'reauthorise' }]);
    expect(factsOf(push(7, { message: 'soon', expiration_time: '1769817600' }))).toEqual([
      {
        type: 'account',
        status: 'connected',
        reason: 'The authorisation expires at 2026-01-31T00:00:00.000Z: authorise the app again',
        consent: { endsBy: new Date('2026-01-31T00:00:00.000Z') },
      },
    ]);
  });

  test.each([5, 13, 33, 36, 999])('type %i is ignored', (type) => {
    expect(factsOf(push(type, { conversation_id: '1' }))).toEqual([{ type: 'ignored', platformKind: String(type) }]);
  });

  test('facts of another shop name that shop', () => {
    const body = push(1, { order_id: '57' }, { shop_id: '7490000000000000099' });
    expect(factsOf(body)).toEqual([
      { type: 'order-hint', externalOrderId: '57', externalAccountId: '7490000000000000099' },
    ]);
  });

  test.each([push(1, {}), push(4, { package_list: [] }), '{"data":{}}', '{"type":"message"}'])(
    '%s is unparsable',
    (body) => {
      expect(() => parse(body)).toThrow(UnparsableDelivery);
    },
  );
});

describe('the delivery key', () => {
  const other = { tts_notification_id: '2' };

  test('is the notification id, even if a repetition changes something else', () => {
    const first = parse(push(1, { order_id: '57' }));
    expect(first.deliveryKey).toBe('1:7000000000000000001');
    expect(parse(push(1, { order_id: '57' }, { timestamp: 1767225720 })).deliveryKey).toBe(first.deliveryKey);
    expect(parse(push(1, { order_id: '57' }, other)).deliveryKey).not.toBe(first.deliveryKey);
  });

  test('is a hash of the body if there is no notification id', () => {
    const keyOf = (orderId: string) =>
      parse(push(3, { order_id: orderId }, { tts_notification_id: undefined })).deliveryKey;
    expect(keyOf('57')).toMatch(/^3:[0-9a-f]{64}$/);
    expect(keyOf('57')).not.toBe(keyOf('58'));
  });

  test('stays short for an absurd notification id', () => {
    expect(parse(push(1, { order_id: '57' }, { tts_notification_id: '9'.repeat(5_000) })).deliveryKey).toHaveLength(66);
  });
});
