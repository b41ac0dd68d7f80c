import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ChannelAccount, Credentials, Verification, WebhookRequest } from '../../channel/channel.port.ts';

/** Lower-case hex HMAC-SHA256. The partner key is used as UTF-8 text although it looks like hex. */
export function hmacHex(partnerKey: string, message: string | Uint8Array): string {
  return createHmac('sha256', partnerKey).update(message).digest('hex');
}

/** Shop-level calls sign `partner_id + path + timestamp + access_token + shop_id`, public ones the first three. */
export function signCall(credentials: Credentials, path: string, timestamp: string, shopId: string | null): string {
  const partnerId = credentials['partner_id'] ?? '';
  const shopPart = shopId === null ? '' : `${credentials['access_token'] ?? ''}${shopId}`;
  return hmacHex(credentials['partner_key'] ?? '', `${partnerId}${path}${timestamp}${shopPart}`);
}

/** A push is signed over `callback URL + "|" + raw body`; the URL is the exact text entered in Shopee's console. */
export function verifyPush(account: ChannelAccount, request: WebhookRequest): Verification {
  const header = request.headers['authorization'] ?? '';
  if (header === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  if (!/^[0-9a-f]{64}$/i.test(header)) return { ok: false, reason: 'BAD_SIGNATURE' };
  const claimed = Buffer.from(header, 'hex');
  const { partner_key: current, partner_key_previous: previous } = account.credentials;
  const keys = [current ?? '', previous ?? ''].filter((key) => key !== '');
  const matches = keys.map((key) => timingSafeEqual(pushDigest(key, account.webhookUrl, request.rawBody), claimed));
  return matches.includes(true) ? { ok: true } : { ok: false, reason: 'BAD_SIGNATURE' };
}

function pushDigest(partnerKey: string, webhookUrl: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', partnerKey).update(`${webhookUrl}|`).update(rawBody).digest();
}
