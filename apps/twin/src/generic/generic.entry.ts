import type { Context } from '../platform.port.ts';
import { encodeJson } from '../json.ts';
import type { Credentials, Shop } from '../model.ts';
import { seconds } from '../model.ts';
import type { Answer } from '../call.ts';
import type { Dialect } from '../serve.ts';
import { retryAfterSeconds } from '../serve.ts';
import { isSigned } from './generic.sign.ts';

export const genericPrefix = '/generic';

export function signingSecret(context: Context, shop: Shop): string {
  const key = Buffer.from(context.seed.hex(64, 'generic-secret', shop.externalAccountId), 'hex');
  return `whsec_${key.toString('base64')}`;
}

export function genericCredentials(context: Context, shop: Shop): Credentials {
  return { signing_secret: signingSecret(context, shop) };
}

export function genericAnswer(status: number, body: unknown): Answer {
  return { status, body: encodeJson(body) };
}

/** The entry to the seller's own system. A call belongs to the shop whose secret signed it. */
export const genericDialect: Dialect = {
  platform: 'generic',
  prefix: genericPrefix,
  tokenExpired: () => genericAnswer(401, { error: 'the signing secret was withdrawn' }),
  rateLimited: () => ({ ...genericAnswer(429, { error: 'slow down' }), headers: { 'retry-after': retryAfterSeconds } }),
  serverError: () => genericAnswer(500, { error: 'internal error' }),
  enter(context, call) {
    const headers = {
      id: call.headers['webhook-id'] ?? '',
      timestamp: call.headers['webhook-timestamp'] ?? '',
      signature: call.headers['webhook-signature'] ?? '',
    };
    const now = seconds(context.clock());
    const shop = context.world
      .shops('generic')
      .find((candidate) => isSigned(signingSecret(context, candidate), headers, call.body, now));
    return shop === undefined
      ? { ok: false, answer: genericAnswer(401, { error: 'signature or timestamp refused' }) }
      : { ok: true, shop, token: '' };
  },
};
