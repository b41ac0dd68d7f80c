import { newId } from '@crossdesk/contracts';
import { type AnswerTo, type AskedPlatform, askedPlatform } from '../conformance/asked-platform.ts';
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

export function signed(body: string | Uint8Array): WebhookRequest {
  const rawBody = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const base = Buffer.concat([Buffer.from(`${account.webhookUrl}|`), rawBody]);
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
