import { LosslessNumber, stringify } from 'lossless-json';
import {
  type Credentials,
  type PlatformContext,
  PlatformCallError,
  PlatformRefusal,
} from '../../channel/channel.port.ts';
import { field, instant, integer, text } from '../../channel/platform-json.ts';
import { type Answer, postToAuth } from './shopee.call.ts';
import { toRefusal } from './shopee.errors.ts';

const refreshPath = '/api/v2/auth/access_token/get';
// Documented life of an access token, for an answer that does not tell.
const tokenLifeSeconds = 14_400;

/** An access token without a known end counts as ended, so that the first refresh finds out. */
export function tokenExpiresAt(credentials: Credentials): Date {
  return instant(credentials['expires_at']) ?? new Date(0);
}

/** The refresh token works once: the new pair must be saved before its first use. */
export async function refreshTokens(context: PlatformContext): Promise<Credentials> {
  const { account, now } = context;
  const answer = await askForTokens(context);
  if (!answer.ok) {
    // There is no access token in this call: being refused means a person has to authorise again.
    if (answer.error.kind === 'unauthorised') throw new PlatformRefusal('permanent', answer.error.detail);
    throw toRefusal(answer.error);
  }
  const accessToken = text(field(answer.value, 'access_token'));
  const refreshToken = text(field(answer.value, 'refresh_token'));
  if (accessToken === null || refreshToken === null) {
    throw new PlatformRefusal('unavailable', 'Shopee answered a refresh without tokens');
  }
  const lifeSeconds = integer(field(answer.value, 'expire_in')) ?? tokenLifeSeconds;
  return {
    ...account.credentials,
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_at: new Date(now().getTime() + lifeSeconds * 1_000).toISOString(),
  };
}

/** A lost answer may have used the refresh token up: asking once more with the same one tells. */
async function askForTokens(context: PlatformContext): Promise<Answer> {
  const { credentials, externalAccountId } = context.account;
  const body = stringify({
    refresh_token: credentials['refresh_token'] ?? '',
    partner_id: wholeNumber(credentials['partner_id'], 'partner_id'),
    shop_id: wholeNumber(externalAccountId, 'shop id'),
  });
  try {
    return await postToAuth(context, refreshPath, body ?? '');
  } catch (cause) {
    if (!(cause instanceof PlatformCallError) || !cause.mayHaveExecuted) throw cause;
    return postToAuth(context, refreshPath, body ?? '');
  }
}

function wholeNumber(digits: string | undefined, name: string): LosslessNumber {
  if (digits === undefined || !/^[1-9][0-9]{0,18}$/.test(digits)) {
    throw new PlatformRefusal('permanent', `The ${name} of the account is no number: correct it and connect again`);
  }
  return new LosslessNumber(digits);
}
