import {
  type Credentials,
  PlatformCallError,
  type PlatformContext,
  PlatformRefusal,
  type PlatformResponse,
} from '../../channel/channel.port.ts';
import { field, instant, seconds, text } from '../../channel/platform-json.ts';
import { readAnswer, urlOf } from './tiktok-shop.call.ts';
import { toRefusal } from './tiktok-shop.errors.ts';

const refreshPath = '/api/v2/token/refresh';
// Documented life of an access token, for an answer that does not tell.
const tokenLifeMs = 7 * 86_400_000;

/** An access token without a known end counts as ended, so that the first refresh finds out. */
export function tokenExpiresAt(credentials: Credentials): Date {
  // TikTok's own answer names the end in unix seconds: sellers paste it as it is.
  return instant(credentials['expires_at']) ?? seconds(credentials['expires_at']) ?? new Date(0);
}

/** A refresh gives a new pair, to be saved before its first use. */
export async function refreshTokens(context: PlatformContext): Promise<Credentials> {
  const { account, now } = context;
  const answer = readAnswer(context, await askForTokens(context));
  if (!answer.ok) {
    // There is no access token in this call: being refused means a person has to authorise again.
    if (answer.error.kind === 'unauthorised') throw new PlatformRefusal('permanent', answer.error.detail);
    throw toRefusal(answer.error);
  }
  const accessToken = text(field(answer.data, 'access_token'));
  const refreshToken = text(field(answer.data, 'refresh_token'));
  if (accessToken === null || refreshToken === null) {
    throw new PlatformRefusal('unavailable', 'TikTok answered a refresh without tokens');
  }
  // An absolute instant, whatever the name says.
  const expiresAt = seconds(field(answer.data, 'access_token_expire_in')) ?? new Date(now().getTime() + tokenLifeMs);
  return {
    ...account.credentials,
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_at: expiresAt.toISOString(),
  };
}

/** Unsigned, with the secrets in the address: an error of the connection may name the address and is replaced. */
async function askForTokens({ account, call }: PlatformContext): Promise<PlatformResponse> {
  const { app_key = '', app_secret = '', refresh_token = '' } = account.credentials;
  const query = { app_key, app_secret, refresh_token, grant_type: 'refresh_token' };
  try {
    return await call({
      method: 'GET',
      url: urlOf(account.baseUrls.auth, refreshPath, query),
      headers: { accept: 'application/json' },
      body: null,
    });
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    throw new PlatformCallError('no answer to the refresh of the TikTok token', error.mayHaveExecuted);
  }
}
