import { type Credentials, type PlatformContext, PlatformRefusal, type Tokens } from '../port/index.ts';
import { answerJson, field, integer, text } from '../shared/platform-json.ts';
import { tokenEnd } from '../shared/tokens.ts';

/** For an answer without an expiry: both large providers give tokens for an hour. */
const tokenLifeSeconds = 3_600;

/** Access tokens of Google and Microsoft (RFC 6749, 6). A password has no end. */
export const tokens: Tokens = {
  expireAt: (credentials) => (hasToken(credentials) ? tokenEnd(credentials) : null),
  consentEndsAt: () => null,
  refresh,
};

export function hasToken({ access_token = '', refresh_token = '' }: Credentials): boolean {
  return access_token !== '' || refresh_token !== '';
}

async function refresh({ account, call, now }: PlatformContext): Promise<Credentials> {
  const { credentials, baseUrls } = account;
  const { refresh_token = '', client_id = '', client_secret = '' } = credentials;
  if (refresh_token === '')
    throw new PlatformRefusal(
      'permanent',
      'the mail server refuses the sign-in: enter a new password or token and connect again',
    );
  if (!baseUrls.auth.startsWith('http'))
    throw new PlatformRefusal('permanent', 'enter the https address that renews tokens as the authorisation base URL');
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token,
    client_id,
    ...(client_secret === '' ? {} : { client_secret }),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const answer = await call({ method: 'POST', url: baseUrls.auth, headers, body: form.toString() });
  const value = answerJson(answer.body);
  const accessToken = text(field(value, 'access_token'));
  if (answer.status === 400 || answer.status === 401) {
    const reason = text(field(value, 'error')) ?? `HTTP ${answer.status}`;
    throw new PlatformRefusal(
      'permanent',
      `the provider renews no token (${reason.slice(0, 60)}): authorise the mailbox again`,
    );
  }
  if (accessToken === null)
    throw new PlatformRefusal('unavailable', `the provider answered HTTP ${answer.status} without a token`);
  const lifeSeconds = integer(field(value, 'expires_in')) ?? tokenLifeSeconds;
  return {
    ...credentials,
    access_token: accessToken,
    // Microsoft gives a new one each time, Google none.
    refresh_token: text(field(value, 'refresh_token')) ?? refresh_token,
    expires_at: new Date(now().getTime() + lifeSeconds * 1_000).toISOString(),
  };
}
