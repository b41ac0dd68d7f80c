import { createHmac } from 'node:crypto';
import type { Credentials, Verification, WebhookAddress, WebhookRequest } from '../port/index.ts';
import { activeSecrets, isOneOf } from '../shared/signature.ts';

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
export function verifyPush(address: WebhookAddress, request: WebhookRequest): Verification {
  const header = request.headers['authorization'] ?? '';
  if (header === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  if (!/^[0-9a-f]{64}$/i.test(header)) return { ok: false, reason: 'BAD_SIGNATURE' };
  const digests = activeSecrets(address.credentials, 'partner_key').map((key) =>
    pushDigest(key, address.webhookUrl, request.rawBody),
  );
  return isOneOf(Buffer.from(header, 'hex'), digests) ? { ok: true } : { ok: false, reason: 'BAD_SIGNATURE' };
}

function pushDigest(partnerKey: string, webhookUrl: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', partnerKey).update(`${webhookUrl}|`).update(rawBody).digest();
}
