import { type CallContext, type Credentials, PlatformCallError, type PlatformContext } from '../port/index.ts';
import { type Answer, valueOrPersonNeeded } from '../shared/platform-error.ts';
import { field, seconds } from '../shared/platform-json.ts';
import { consentUntil, tokenPair } from '../shared/tokens.ts';
import { readAnswer, urlOf } from './tiktok-shop.call.ts';

// The documented lifetime of an access token, for an answer without an expiry.
const tokenLifeMs = 7 * 86_400_000;

/** Gets a new pair, which must be saved before its first use. */
export async function refreshTokens(context: PlatformContext): Promise<Credentials> {
  const { refresh_token = '' } = context.account.credentials;
  const tokens = await askForTokens(context, '/api/v2/token/refresh', { refresh_token, grant_type: 'refresh_token' });
  return { ...context.account.credentials, ...tokens };
}

/** Exchanges a code or a refresh token for a pair of tokens. @throws PlatformRefusal, PlatformCallError */
export async function askForTokens(
  context: CallContext,
  path: string,
  grant: Readonly<Record<string, string>>,
): Promise<Credentials> {
  const value = valueOrPersonNeeded(await ask(context, path, grant));
  // An absolute instant, although the name suggests a duration.
  const endsAt = seconds(field(value, 'access_token_expire_in'));
  // The refresh token ends with the consent.
  const consent = consentUntil(seconds(field(value, 'refresh_token_expire_in')));
  return { ...tokenPair(value, endsAt ?? new Date(context.now().getTime() + tokenLifeMs)), ...consent };
}

/** Unsigned, with the secrets in the address: the error of a connection may contain the address, so it is replaced. */
async function ask(context: CallContext, path: string, grant: Readonly<Record<string, string>>): Promise<Answer> {
  const { app_key = '', app_secret = '' } = context.account.credentials;
  const url = urlOf(context.account.baseUrls.auth, path, { app_key, app_secret, ...grant });
  try {
    const headers = { accept: 'application/json' };
    return readAnswer(context, await context.call({ method: 'GET', url, headers, body: null }));
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    throw new PlatformCallError('TikTok gave no answer about the token', error.mayHaveExecuted);
  }
}
