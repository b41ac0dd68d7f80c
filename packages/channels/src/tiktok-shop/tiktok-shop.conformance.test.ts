import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './tiktok-shop.adapter.ts';
import { unnamedBuyer } from './tiktok-shop.message.ts';
import { account, conversationId, messagePush, push, signed, success } from './tiktok-shop.samples.ts';

const typed = (messageId: string, type: string, content: object, role = 'BUYER') =>
  messagePush({ type, content: JSON.stringify(content), sender: { im_user_id: '5', role } }, messageId);

describeChannel(adapter, {
  account,
  webhooks: {
    sign: signed,
    signatureHeader: 'authorization',
    signingCredential: 'app_secret',
    messages: [
      { kind: 'text', body: messagePush() },
      { kind: 'text', body: typed('11', 'TEXT', { content: 'On its way' }, 'CUSTOMER_SERVICE') },
      { kind: 'text', body: typed('12', 'TEXT', { content: 'We are closed' }, 'ROBOT') },
      { kind: 'image', body: typed('13', 'IMAGE', { url: 'https://cdn.example/i.jpg', width: '10', height: '10' }) },
      {
        kind: 'video',
        body: typed('14', 'VIDEO', { url: 'https://cdn.example/v.mp4', cover: 'https://cdn.example/c.jpg', vid: 'v1' }),
      },
      { kind: 'sticker', body: typed('15', 'EMOTICONS', { url: 'https://cdn.example/e.webp' }) },
      { kind: 'product', body: typed('16', 'PRODUCT_CARD', { product_id: '1729000000000000001' }) },
      { kind: 'product', body: typed('17', 'BUYER_ENTER_FROM_PRODUCT', { product_id: '1729000000000000001' }) },
      { kind: 'order', body: typed('18', 'ORDER_CARD', { order_id: '576461413038785752' }, 'SHOP') },
      { kind: 'order', body: typed('19', 'BUYER_ENTER_FROM_ORDER', { order_id: '576461413038785752' }) },
      { kind: 'system', body: typed('20', 'NOTIFICATION', { content: 'The conversation was closed' }, 'SYSTEM') },
      { kind: 'system', body: typed('21', 'ALLOCATED_SERVICE', { content: 'Ann joined' }, 'SYSTEM') },
      { kind: 'system', body: typed('22', 'OTHER', { content: 'See this message in the app' }) },
      { kind: 'return', body: typed('23', 'RETURN_REFUND_CARD', { order_id: '576461413038785752', sku_id: '1' }) },
      { kind: 'coupon', body: typed('25', 'COUPON_CARD', { coupon_id: '7136104329798256386' }, 'SHOP') },
      { kind: 'unsupported', body: typed('26', 'OTHER', {}) },
    ],
    unknownKind: { platformKind: 'HOLOGRAM', body: typed('24', 'HOLOGRAM', { depth: 3 }) },
    others: [
      push(1, { order_id: '57', order_status: 'CANCEL', is_on_hold_order: false, update_time: 1767225600 }),
      push(3, { order_id: '57', update_time: 1767225600 }, { tts_notification_id: undefined }),
      push(4, { sc_type: 'SPLIT', package_list: [{ package_id: '1', order_id_list: ['57', '58'] }] }),
      push(6, { message: 'The seller withdrew the authorisation' }),
      push(7, { message: 'The authorisation ends', expiration_time: '1769817600' }),
      push(11, { order_id: '57', cancel_id: '1', cancel_status: 'CANCELLATION_REQUEST_PENDING' }),
      push(12, { order_id: '57', return_id: '1', return_status: 'RETURN_OR_REFUND_REQUEST_PENDING' }),
      push(13, { conversation_id: '1', create_time: 1767225600 }),
      messagePush({ is_visible: false }, '31'),
      push(999, {}),
    ],
    unparsable: [
      push(1, {}),
      push(4, { package_list: [] }),
      messagePush({ conversation_id: '' }),
      messagePush({ create_time: null }),
    ],
    ofAnotherAccount: {
      externalAccountId: '7490000000000000002',
      body: messagePush().replace('"shop_id":"7490000000000000001"', '"shop_id":"7490000000000000002"'),
    },
  },
  sending: {
    outgoing: { externalThreadId: conversationId, buyer: unnamedBuyer(conversationId) },
    contents: [],
    answerSend: () => success({ message_id: '7000000000000000003' }),
  },
});
