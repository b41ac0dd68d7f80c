import { newId } from '@crossdesk/contracts';
import { type AnswerTo, type AskedPlatform, askedPlatform } from '../conformance/asked-platform.ts';
import type { ChannelSamples, Signing } from '../conformance/samples.ts';
import type { ChannelAccount, PlatformResponse, WebhookRequest } from '../port/index.ts';
import { hmacHex } from './shopee.sign.ts';

/** The made-up account of the published signature vectors. */
export const account: ChannelAccount = {
  id: newId(),
  tenantId: newId(),
  externalAccountId: '700100200',
  webhookUrl: 'https://hooks.example.test/channels/shopee',
  baseUrls: { api: 'https://api.shopee.example', auth: 'https://auth.shopee.example/' },
  credentials: {
    partner_id: '2007001',
    partner_key: '5a4d6f636b506172746e65724b6579466f72446f63734f6e6c79303030303031',
    access_token: '6d6f636b546f6b656e41626344656630',
    refresh_token: '7265667265736831',
    expires_at: '2026-01-01T04:00:00.000Z',
  },
};

/** Timestamp 1767225600 of the vectors. */
export const now = new Date('2026-01-01T00:00:00.000Z');

export function signed(
  body: string | Uint8Array,
  { webhookUrl }: Pick<Signing, 'webhookUrl'> = account,
): WebhookRequest {
  const rawBody = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const base = Buffer.concat([Buffer.from(`${webhookUrl}|`), rawBody]);
  const authorization = hmacHex(account.credentials['partner_key'] ?? '', base);
  return { method: 'POST', headers: { authorization }, query: {}, rawBody, receivedAt: now };
}

export function push(code: number, data: unknown, envelope: object = {}): string {
  return JSON.stringify({ msg_id: '', code, shop_id: 700100200, timestamp: 1767225601, data, ...envelope });
}

/** A chat push of a buyer, with the given changes. */
export function chatPush(changes: object = {}): string {
  return push(10, { type: 'message', region: 'SG', content: { ...chatMessage, ...changes } });
}

export const chatMessage = {
  message_id: '2400000000000000002',
  shop_id: 700100200,
  request_id: 'x1',
  from_id: 700900001,
  from_shop_id: 0,
  from_user_name: 'buyer_a',
  to_id: 700900002,
  to_shop_id: 700100200,
  to_user_name: 'shop_b',
  message_type: 'text',
  content: { text: 'When will it ship?' },
  conversation_id: '700000000000000009',
  created_timestamp: 1767225600,
  region: 'SG',
  is_in_chatbot_session: false,
  source_content: { order_sn: '260101ABCDEF12' },
  quoted_msg: { message_id: '' },
  sub_account_id: 0,
  sub_account_name: '',
};

export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): PlatformResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export function success(response: unknown): PlatformResponse {
  return answer({ request_id: 'r1', error: '', message: '', response });
}

/** A platform that answers calls of the sample account at the sample time. */
export function platform(answerTo: AnswerTo): AskedPlatform {
  return askedPlatform(account, now, answerTo);
}

const kind = (id: string, messageType: string, content: unknown) =>
  chatPush({ message_id: id, message_type: messageType, content });

/** What the rules for all channels are tried with. */
export const samples: ChannelSamples = {
  account,
  webhooks: {
    sign: signed,
    signatureHeader: 'authorization',
    signingCredential: 'partner_key',
    messages: [
      { kind: 'text', body: chatPush() },
      { kind: 'text', body: chatPush({ message_id: '11', from_shop_id: 700100200, to_shop_id: 0, status: 'normal' }) },
      { kind: 'text', body: chatPush({ message_id: '12', from_shop_id: 700100200, status: 'censored_blacklist' }) },
      {
        kind: 'image',
        body: kind('13', 'image', { url: 'abc', thumb_url: 'abc_tn', thumb_height: 10, thumb_width: 10 }),
      },
      { kind: 'image', body: kind('14', 'image_with_text', { url: 'https://cf.shopee.sg/file/abc', text: 'Torn' }) },
      { kind: 'video', body: kind('15', 'video', { video_url: 'v1', thumb_url: 't1', duration_seconds: 12 }) },
      { kind: 'sticker', body: kind('16', 'sticker', { sticker_id: '3', sticker_package_id: 'cat' }) },
      { kind: 'order', body: kind('17', 'order', { order_sn: '260101ABCDEF12', shop_id: 700100200 }) },
      { kind: 'product', body: kind('18', 'item', { item_id: 42, shop_id: 700100200 }) },
      { kind: 'bundle', body: kind('19', 'bundle_message', { messages: ['1'], shopee_chatbot_replied: true }) },
      { kind: 'coupon', body: kind('23', 'voucher', { voucher_id: 7, voucher_name: '10 % off' }) },
      { kind: 'system', body: kind('21', 'notification', { text: 'The buyer left the chat' }) },
      { kind: 'unsupported', body: kind('22', 'notification', {}) },
    ],
    unknownKind: { platformKind: 'hologram', body: kind('20', 'hologram', { depth: 3 }) },
    others: [
      push(3, {
        ordersn: '260101ABCDEF12',
        status: 'SHIPPED',
        completed_scenario: '',
        update_time: 1767225600,
        items: [],
      }),
      push(4, { ordersn: '260101ABCDEF12', package_number: 'P1', tracking_no: 'T1', forder_id: '1' }),
      push(30, {
        ordersn: '260101ABCDEF12',
        package_number: 'P1',
        fulfillment_status: 'LOGISTICS_READY',
        update_time: 1767225600,
      }),
      push(1, { shop_id: 700100200, success: 1, extra: '' }, { shop_id: undefined }),
      push(2, { shop_id_list: [700100200], success: 1 }, { shop_id: undefined }),
      push(12, { shop_expire_soon: [700100200], expire_before: 1767830400 }, { shop_id: undefined }),
      push(10, {
        type: 'notification',
        region: 'SG',
        content: { user_id: 1, conversation_id: '9', type: 'mark_as_replied', timestamp: 1767225600, from_id: 0 },
      }),
      push(28, { points: 1 }, { msg_id: 'm-28' }),
    ],
    unparsable: [
      push(3, {}),
      push(10, {}),
      push(29, {}),
      chatPush({ message_id: '' }),
      chatPush({ created_timestamp: null }),
    ],
    ofAnotherAccount: {
      externalAccountId: '700100201',
      body: push(10, { type: 'message', region: 'SG', content: chatMessage }, { shop_id: 700100201 }),
    },
  },
  sending: {
    outgoing: {
      externalThreadId: '700000000000000009',
      buyer: {
        externalId: '700900001',
        commerceId: '700900001',
        name: 'buyer_a',
        phone: null,
        email: null,
        avatarUrl: null,
        locale: null,
      },
    },
    contents: [{ kind: 'sticker', stickerId: 'cat/3', url: null }],
    answerSend: () => success({ message_id: '2400000000000000001', conversation_id: '700000000000000009' }),
  },
};
