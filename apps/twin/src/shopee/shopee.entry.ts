import { randomUUID } from 'node:crypto';
import type { Context } from '../platform.port.ts';
import { isSameText } from '../hmac.ts';
import { decodeJson, encodeJson, textField } from '../json.ts';
import type { Shop } from '../model.ts';
import { seconds } from '../model.ts';
import type { Seed } from '../seed.ts';
import type { Answer, Call } from '../call.ts';
import type { Dialect, Entry } from '../serve.ts';
import { retryAfterSeconds } from '../serve.ts';
import { signRequest } from './shopee.sign.ts';

export const shopeePrefix = '/shopee';
export const accessTokenSeconds = 4 * 3600;
export const refreshTokenSeconds = 30 * 86_400;
const clockToleranceSeconds = 300;

export interface ShopeeApp {
  readonly partnerId: string;
  readonly partnerKey: string;
}

export function appOf(seed: Seed, shop: Shop): ShopeeApp {
  return {
    partnerId: seed.digits(7, 'shopee-partner', shop.externalAccountId),
    // Looks like hex but is used as text, as on Shopee.
    partnerKey: seed.hex(64, 'shopee-partner-key', shop.externalAccountId),
  };
}

/** `response` is absent in refusals and in the answers of the auth module. */
export function shopeeAnswer(error: string, message: string, rest: Record<string, unknown> = {}): Answer {
  // 403 for signature and token refusals, as in production; callers must read the error text, not the status.
  const status = /^(error_sign|error_auth|invalid_acceess_token)$/.test(error) ? 403 : 200;
  return { status, body: encodeJson({ error, message, request_id: randomUUID(), ...rest }) };
}

export function shopeeOk(response: unknown): Answer {
  return shopeeAnswer('', '', { response });
}

const troubles = {
  prefix: shopeePrefix,
  platform: 'shopee',
  tokenExpired: () => shopeeAnswer('invalid_acceess_token', 'Invalid access_token, please have a check.'),
  rateLimited: () => ({
    ...shopeeAnswer('error_rate_limit', 'Too many requests. Please slow down.'),
    status: 429,
    headers: { 'retry-after': retryAfterSeconds },
  }),
  serverError: () => ({ ...shopeeAnswer('error_server', 'Internal server error.'), status: 500 }),
} satisfies Partial<Dialect>;

/** Shop-level calls: partner, timestamp, signature, then the token of that shop. */
export const shopeeDialect: Dialect = {
  ...troubles,
  enter(context, call) {
    const shopId = call.query.get('shop_id') ?? '';
    const accessToken = call.query.get('access_token') ?? '';
    const signed = checkSignature(context, call, shopId, { accessToken, shopId });
    if (!signed.ok) return signed;
    if (context.tokens.check('shopee-access', shopId, accessToken) !== 'valid') {
      return refuse('invalid_acceess_token', 'Invalid access_token, please have a check.');
    }
    return { ...signed, token: accessToken };
  },
};

/** Public calls are signed without token and shop; the body names the shop. */
export const shopeeAuthDialect: Dialect = {
  ...troubles,
  enter: (context, call) => checkSignature(context, call, textField(decodeJson(call.body), 'shop_id'), {}),
};

/** Pages name neither shop nor token: the partner id names the app, which belongs to one shop in the twin. */
export const shopeePageDialect: Dialect = {
  ...troubles,
  enter(context, call) {
    const partnerId = call.query.get('partner_id');
    const shop = context.world.shops('shopee').find((one) => appOf(context.seed, one).partnerId === partnerId);
    return checkSignature(context, call, shop?.externalAccountId ?? '', {});
  },
};

function checkSignature(
  context: Context,
  call: Call,
  shopId: string,
  signedToo: { accessToken?: string; shopId?: string },
): Entry {
  const partnerId = call.query.get('partner_id') ?? '';
  const timestamp = call.query.get('timestamp') ?? '';
  const shop = context.world.shops('shopee').find((candidate) => candidate.externalAccountId === shopId);
  if (shop === undefined) return refuse('error_param', 'shop_id is invalid or not authorised for this partner.');
  const app = appOf(context.seed, shop);
  if (partnerId !== app.partnerId) return refuse('error_param', 'Invalid partner_id, please have a check.');
  if (!/^\d{1,12}$/.test(timestamp) || !isRecent(context, Number(timestamp))) {
    return refuse('error_param', 'Invalid timestamp.');
  }
  const sign = signRequest({ ...app, path: call.path, timestamp, ...signedToo });
  if (!isSameText(sign, call.query.get('sign') ?? '')) return refuse('error_sign', 'Wrong sign.');
  return { ok: true, shop, token: '' };
}

function isRecent(context: Context, timestamp: number): boolean {
  return Math.abs(seconds(context.clock()) - timestamp) <= clockToleranceSeconds;
}

function refuse(error: string, message: string): Entry {
  return { ok: false, answer: shopeeAnswer(error, message) };
}
