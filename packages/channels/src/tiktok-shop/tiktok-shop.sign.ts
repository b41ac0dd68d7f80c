import { createHmac } from 'node:crypto';
import type { Verification, WebhookAddress, WebhookRequest } from '../port/index.ts';
import { activeSecrets, isOneOf } from '../shared/signature.ts';

export interface CallToSign {
  readonly appSecret: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The exact text sent; "" for GET. */
  readonly body: string;
}

/** Lower-case hex over path, sorted raw parameters and body, wrapped in the secret, without `sign` and `access_token`. */
export function signCall({ appSecret, path, query, body }: CallToSign): string {
  const parameters = Object.entries(query)
    .filter(([name]) => name !== 'sign' && name !== 'access_token')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}${value}`);
  const base = `${appSecret}${path}${parameters.join('')}${body}${appSecret}`;
  return createHmac('sha256', appSecret).update(base).digest('hex');
}

/** A push is signed over `app_key + raw body`. While the secret is being replaced, the previous one is accepted too. */
export function verifyPush({ credentials }: WebhookAddress, request: WebhookRequest): Verification {
  const header = request.headers['authorization'] ?? '';
  if (header === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  if (!/^[0-9a-f]{64}$/i.test(header)) return { ok: false, reason: 'BAD_SIGNATURE' };
  const appKey = credentials['app_key'] ?? '';
  const digests = activeSecrets(credentials, 'app_secret').map((secret) => pushDigest(appKey, secret, request.rawBody));
  return isOneOf(Buffer.from(header, 'hex'), digests) ? { ok: true } : { ok: false, reason: 'BAD_SIGNATURE' };
}

function pushDigest(appKey: string, appSecret: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', appSecret).update(appKey).update(rawBody).digest();
}
