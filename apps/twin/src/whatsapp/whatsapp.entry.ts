import type { Context } from '../platform.port.ts';
import { hmacHex } from '../hmac.ts';
import { encodeJson } from '../json.ts';
import type { Credentials, Shop } from '../model.ts';
import type { Answer } from '../call.ts';
import type { Dialect, Entry } from '../serve.ts';
import { retryAfterSeconds } from '../serve.ts';

export const whatsappPrefix = '/whatsapp';
/** A system-user token does not expire; this one outlives every test and demo. */
const accessTokenSeconds = 50 * 365 * 86_400;

export function whatsappCredentials(context: Context, shop: Shop): Credentials {
  return {
    access_token: context.tokens.current('whatsapp-access', shop.externalAccountId, accessTokenSeconds).token,
    app_secret: appSecret(context, shop),
    verify_token: verifyToken(context, shop),
  };
}

export function appSecret(context: Context, shop: Shop): string {
  return context.seed.hex(32, 'whatsapp-app-secret', shop.externalAccountId);
}

export function verifyToken(context: Context, shop: Shop): string {
  return context.seed.hex(24, 'whatsapp-verify', shop.externalAccountId);
}

/** The signature header for exactly these bytes. */
export function signPush(secret: string, rawBody: string): string {
  return `sha256=${hmacHex(secret, rawBody)}`;
}

/** Meta writes webhooks in ASCII; everything else is escaped in lower case before it is signed. */
export function escapeNonAscii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function whatsappError(status: number, code: number, message: string, details: string): Answer {
  const error = {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    fbtrace_id: 'twin',
  };
  return { status, body: encodeJson({ error }) };
}

export function whatsappOk(body: unknown): Answer {
  return { status: 200, body: encodeJson(body) };
}

export const whatsappDialect: Dialect = {
  platform: 'whatsapp',
  prefix: whatsappPrefix,
  tokenExpired: () => whatsappError(401, 190, 'Access token has expired', 'Session has expired.'),
  rateLimited: () => ({
    ...whatsappError(429, 130429, 'Rate limit hit', 'Cloud API message throughput has been reached.'),
    headers: { 'retry-after': retryAfterSeconds },
  }),
  serverError: () => whatsappError(500, 2, 'Service temporarily unavailable', 'Try again later.'),
  enter(context, call): Entry {
    const token = /^Bearer (\S+)$/.exec(call.headers['authorization'] ?? '')?.[1] ?? '';
    const owner = context.world
      .shops('whatsapp')
      .find((shop) => context.tokens.check('whatsapp-access', shop.externalAccountId, token) !== 'invalid');
    if (owner === undefined) return { ok: false, answer: whatsappError(401, 190, 'Invalid OAuth access token', '') };
    if (context.tokens.check('whatsapp-access', owner.externalAccountId, token) === 'expired') {
      return { ok: false, answer: this.tokenExpired() };
    }
    const named = call.params['phone'];
    if (named === undefined || named === owner.externalAccountId) return { ok: true, shop: owner, token };
    const details = `Object with ID '${named}' does not exist or cannot be loaded due to missing permissions.`;
    return { ok: false, answer: whatsappError(400, 100, 'Unsupported post request', details) };
  },
};
