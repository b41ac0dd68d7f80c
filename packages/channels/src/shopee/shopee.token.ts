import { type LosslessNumber, stringify } from 'lossless-json';
import {
  type CallContext,
  type Credentials,
  PlatformCallError,
  type PlatformContext,
  PlatformRefusal,
} from '../port/index.ts';
import { type Answer, valueOrPersonNeeded } from '../shared/platform-error.ts';
import { field, integer } from '../shared/platform-json.ts';
import { tokenPair } from '../shared/tokens.ts';
import { postToAuth } from './shopee.call.ts';
import { wholeNumber } from './shopee.send.ts';

const refreshPath = '/api/v2/auth/access_token/get';
// The documented lifetime of an access token, for an answer without an expiry.
const tokenLifeSeconds = 14_400;

/** A refresh token works once: the new pair must be saved before its first use. */
export async function refreshTokens(context: PlatformContext): Promise<Credentials> {
  const value = valueOrPersonNeeded(await askForTokens(context));
  return { ...context.account.credentials, ...readTokens(context, value) };
}

/** The tokens in an answer of the auth module. @throws PlatformRefusal when one is missing */
export function readTokens({ now }: CallContext, value: unknown): Credentials {
  const lifeSeconds = integer(field(value, 'expire_in')) ?? tokenLifeSeconds;
  return tokenPair(value, new Date(now().getTime() + lifeSeconds * 1_000));
}

/** A lost answer may have used up the refresh token: one more call with the same token shows it. */
async function askForTokens(context: PlatformContext): Promise<Answer> {
  const { credentials, externalAccountId } = context.account;
  const body = stringify({
    refresh_token: credentials['refresh_token'] ?? '',
    partner_id: requiredNumber(credentials['partner_id'], 'partner_id'),
    shop_id: requiredNumber(externalAccountId, 'shop id'),
  });
  try {
    return await postToAuth(context, refreshPath, body ?? '');
  } catch (cause) {
    if (!(cause instanceof PlatformCallError) || !cause.mayHaveExecuted) throw cause;
    return postToAuth(context, refreshPath, body ?? '');
  }
}

/** @throws PlatformRefusal permanent: a person has to correct the account */
export function requiredNumber(digits: string | undefined, name: string): LosslessNumber {
  const number = wholeNumber(digits ?? '');
  if (number !== null) return number;
  throw new PlatformRefusal('permanent', `The ${name} of the account is not a number: correct it and connect again`);
}
