import { newId } from '@crossdesk/contracts';
import { createHmac } from 'node:crypto';
import { type AnswerTo, type AskedPlatform, askedPlatform } from '../conformance/asked-platform.ts';
import type { ChannelSamples } from '../conformance/samples.ts';
import type { ChannelAccount, PlatformResponse, WebhookRequest } from '../port/index.ts';
import { unnamedBuyer } from './tiktok-shop.message.ts';

const shopId = '7490000000000000001';
export const conversationId = '7494560109732334261';

/** The made-up app of the published signature vectors. */
export const account: ChannelAccount = {
  id: newId(),
  tenantId: newId(),
  externalAccountId: shopId,
  webhookUrl: 'https://hooks.example.test/webhooks/tiktok-shop/a1',
  baseUrls: { api: 'https://api.tiktok.example', auth: 'https://auth.tiktok.example/' },
  credentials: {
    app_key: '6mockkey01',
    app_secret: 'ttsMockSecret0001',
    service_id: '7300000000000000001',
    shop_cipher: 'GCP_mockCipher01',
    access_token: 'TTP_mockAccess0001',
    refresh_token: 'TTP_mockRefresh0001',
    expires_at: '2026-01-08T00:00:00.000Z',
  },
};

/** Timestamp 1767225600 of the vectors. */
export const now = new Date('2026-01-01T00:00:00.000Z');
export const nowSeconds = 1767225600;

export function signed(body: string | Uint8Array): WebhookRequest {
  const rawBody = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const authorization = createHmac('sha256', 'ttsMockSecret0001').update('6mockkey01').update(rawBody).digest('hex');
  return { method: 'POST', headers: { authorization }, query: {}, rawBody, receivedAt: now };
}

export function push(type: number, data: unknown, envelope: object = {}): string {
  return JSON.stringify({
    type,
    tts_notification_id: '7000000000000000001',
    shop_id: shopId,
    timestamp: nowSeconds,
    data,
    ...envelope,
  });
}

const textMessage = {
  content: '{"content":"When will it ship?"}',
  create_time: nowSeconds - 1,
  is_visible: true,
  index: '7000000000000000004',
  type: 'TEXT',
  sender: { im_user_id: '7000000000000000005', role: 'BUYER' },
};

/** A message push of a buyer, with the given changes; the notification id is derived from the message id. */
export function messagePush(changes: object = {}, messageId = '7000000000000000003'): string {
  const data = { ...textMessage, conversation_id: conversationId, message_id: messageId, ...changes };
  return push(14, data, { tts_notification_id: `n${messageId}` });
}

/** A message in the form of the list. */
export function listed(id: number, secondsAgo: number, changes: object = {}) {
  return { ...textMessage, id: String(id), index: String(id), create_time: nowSeconds - secondsAgo, ...changes };
}

export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): PlatformResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export function success(data: unknown): PlatformResponse {
  return answer({ code: 0, message: 'Success', request_id: 'r1', data });
}

export function failure(code: number, message = 'no', status = 200, headers: Record<string, string> = {}) {
  return answer({ code, message, request_id: 'r1', data: {} }, status, headers);
}

/** A platform that answers calls of the sample account at the sample time. */
export function platform(answerTo: AnswerTo): AskedPlatform {
  return askedPlatform(account, now, answerTo);
}

const typed = (messageId: string, type: string, content: object, role = 'BUYER') =>
  messagePush({ type, content: JSON.stringify(content), sender: { im_user_id: '5', role } }, messageId);

/** What the rules for all channels are tried with. */
export const samples: ChannelSamples = {
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
};
