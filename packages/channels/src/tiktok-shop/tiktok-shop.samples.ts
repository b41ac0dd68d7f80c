import { newId } from '@crossdesk/contracts';
import { createHmac } from 'node:crypto';
import { type AnswerTo, type AskedPlatform, askedPlatform } from '../conformance/asked-platform.ts';
import type { ChannelAccount, PlatformResponse, WebhookRequest } from '../port/index.ts';

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
