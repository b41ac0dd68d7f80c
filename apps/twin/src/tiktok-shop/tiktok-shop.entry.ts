import { randomUUID } from 'node:crypto';
import type { Context } from '../platform.port.ts';
import { isSameText } from '../hmac.ts';
import { encodeJson } from '../json.ts';
import type { Shop } from '../model.ts';
import { seconds } from '../model.ts';
import type { Seed } from '../seed.ts';
import type { Answer, Call } from '../call.ts';
import type { Dialect, Entry } from '../serve.ts';
import { retryAfterSeconds } from '../serve.ts';
import { signRequest } from './tiktok-shop.sign.ts';

export const tiktokPrefix = '/tiktok-shop';
export const tiktokAuthPrefix = '/tiktok-shop-auth';
export const accessTokenSeconds = 7 * 86_400;
export const refreshTokenSeconds = 360 * 86_400;
const pastSecondsMax = 300;
const futureSecondsMax = 30;

export interface TiktokApp {
  readonly appKey: string;
  readonly appSecret: string;
  readonly shopCipher: string;
  readonly serviceId: string;
}

export function appOf(seed: Seed, shop: Shop): TiktokApp {
  return {
    appKey: `6${seed.hex(9, 'tiktok-key', shop.externalAccountId)}`,
    appSecret: seed.hex(40, 'tiktok-secret', shop.externalAccountId),
    serviceId: seed.digits(19, 'tiktok-service', shop.externalAccountId),
    shopCipher: `GCP_${seed.hex(24, 'tiktok-cipher', shop.externalAccountId)}`,
  };
}

/** Errors are in `code`; the HTTP status is 200 unless the platform's edge answers. */
export function tiktokAnswer(code: number, message: string, data: unknown = {}, status = 200): Answer {
  return { status, body: encodeJson({ code, message, request_id: randomUUID(), data }) };
}

export function tiktokOk(data: unknown): Answer {
  return tiktokAnswer(0, 'Success', data);
}

const troubles = {
  platform: 'tiktok-shop',
  tokenExpired: () => tiktokAnswer(105002, 'Expired credentials: access token is expired.'),
  rateLimited: () => ({
    ...tiktokAnswer(36009002, 'Too many requests.', {}, 429),
    headers: { 'retry-after': retryAfterSeconds },
  }),
  serverError: () => tiktokAnswer(36009003, 'Internal error.', {}, 500),
} satisfies Partial<Dialect>;

/** Calls of a seller, for any of their shops: checks app, signature and token. */
export const tiktokSellerDialect: Dialect = {
  ...troubles,
  prefix: tiktokPrefix,
  enter(context, call) {
    const shop = context.world
      .shops('tiktok-shop')
      .find((candidate) => appOf(context.seed, candidate).appKey === call.query.get('app_key'));
    if (shop === undefined) return refuse(36009004, 'Invalid app_key.');
    const refusal = checkSignature(context, shop, call) ?? checkToken(context, shop, call);
    return refusal ?? { ok: true, shop, token: call.headers['x-tts-access-token'] ?? '' };
  },
};

/** Calls of a shop: as calls of its seller, and with the cipher of the shop. */
export const tiktokDialect: Dialect = {
  ...troubles,
  prefix: tiktokPrefix,
  enter(context, call) {
    const entry = tiktokSellerDialect.enter(context, call);
    if (!entry.ok) return entry;
    const signer = entry.shop;
    const cipher = call.query.get('shop_cipher');
    if (cipher === null) return refuse(106013, 'shop_cipher is required for this API.');
    if (cipher !== appOf(context.seed, signer).shopCipher) return refuse(101000, 'shop_cipher does not fit the token.');
    return entry;
  },
};

/** The token host: unsigned, the app secret itself is in the query. */
export const tiktokAuthDialect: Dialect = {
  ...troubles,
  prefix: tiktokAuthPrefix,
  enter(context, call) {
    const shop = context.world.shops('tiktok-shop').find((candidate) => {
      const app = appOf(context.seed, candidate);
      return app.appKey === call.query.get('app_key') && isSameText(app.appSecret, call.query.get('app_secret') ?? '');
    });
    return shop === undefined ? refuse(36009004, 'Invalid app_key or app_secret.') : { ok: true, shop, token: '' };
  },
};

/** The page that sellers see: the service id names the app. */
export const tiktokPageDialect: Dialect = {
  ...troubles,
  prefix: tiktokAuthPrefix,
  enter(context, call) {
    const serviceId = call.query.get('service_id');
    const shop = context.world.shops('tiktok-shop').find((one) => appOf(context.seed, one).serviceId === serviceId);
    return shop === undefined ? refuse(36009004, 'Invalid service_id.') : { ok: true, shop, token: '' };
  },
};

function checkSignature(context: Context, shop: Shop, call: Call): Entry | null {
  const timestamp = call.query.get('timestamp') ?? '';
  const age = seconds(context.clock()) - Number(timestamp);
  if (!/^\d{1,12}$/.test(timestamp) || age > pastSecondsMax || age < -futureSecondsMax) {
    return refuse(36009004, 'Invalid timestamp: it is expired or in the future.');
  }
  const isMultipart = (call.headers['content-type'] ?? '').startsWith('multipart/form-data');
  const { appSecret } = appOf(context.seed, shop);
  const sign = signRequest({ appSecret, path: call.path, query: call.query, body: isMultipart ? '' : call.body });
  return isSameText(sign, call.query.get('sign') ?? '') ? null : refuse(106001, 'Invalid sign.');
}

function checkToken(context: Context, shop: Shop, call: Call): Entry | null {
  const token = call.headers['x-tts-access-token'] ?? '';
  switch (context.tokens.check('tiktok-access', shop.externalAccountId, token)) {
    case 'valid':
      return null;
    case 'expired':
      return { ok: false, answer: troubles.tokenExpired() };
    case 'invalid':
      return refuse(36009004, 'Invalid access token.');
  }
}

function refuse(code: number, message: string): Entry {
  return { ok: false, answer: tiktokAnswer(code, message) };
}
