import { expect, test } from '@jest/globals';
import { contextOf } from '../conformance/context.ts';
import { PlatformCallError, type PlatformRequest } from '../port/index.ts';
import { tokenEnd } from '../shared/tokens.ts';
import { refreshTokens } from './shopee.token.ts';
import { account, answer, now, platform } from './shopee.samples.ts';

const tokens = {
  error: '',
  message: '',
  access_token: 'a2',
  refresh_token: 'r2',
  expire_in: 14400,
  shop_id: 700100200,
};

test('a refresh is a public call to the authorisation host and replaces both tokens', async () => {
  const { context, asked } = platform(() => answer(tokens));
  expect(await refreshTokens(context)).toEqual({
    ...account.credentials,
    access_token: 'a2',
    refresh_token: 'r2',
    expires_at: '2026-01-01T04:00:00.000Z',
  });
  expect(asked[0]?.request.url).toMatch(/^https:\/\/auth\.shopee\.example\/api\/v2\/auth\/access_token\/get\?/);
  expect(asked[0]?.query).not.toHaveProperty('access_token');
  expect(asked[0]?.body).toBe('{"refresh_token":"7265667265736831","partner_id":2007001,"shop_id":700100200}');
});

test.each([
  ['error_shop_refresh_token', 'permanent'],
  ['refresh_token_expired', 'permanent'],
  ['shop_banned', 'permanent'],
  ['error_auth', 'permanent'],
  ['error_server', 'unavailable'],
  ['error_rate_limit', 'rate-limited'],
])('a refresh refused with %s is %s', async (error, kind) => {
  const { context } = platform(() => answer({ error, message: '' }));
  await expect(refreshTokens(context)).rejects.toMatchObject({ kind });
});

test('an answer without tokens does not count as a refresh', async () => {
  const { context } = platform(() => answer({ ...tokens, refresh_token: '' }));
  await expect(refreshTokens(context)).rejects.toMatchObject({ kind: 'unavailable' });
});

function losing(times: number, mayHaveExecuted: boolean) {
  const requests: PlatformRequest[] = [];
  const call = async (request: PlatformRequest) => {
    requests.push(request);
    if (requests.length <= times) throw new PlatformCallError('connection lost', mayHaveExecuted);
    return answer(tokens);
  };
  return { context: { ...contextOf(account, call), now: () => now }, requests };
}

test('after a lost answer the refresh is tried once more with the same refresh token', async () => {
  const { context, requests } = losing(1, true);
  expect(await refreshTokens(context)).toMatchObject({ refresh_token: 'r2' });
  expect(requests[1]?.body).toBe(requests[0]?.body);
});

test('a call that was not sent is not repeated, and a second loss is passed on', async () => {
  const unsent = losing(1, false);
  await expect(refreshTokens(unsent.context)).rejects.toBeInstanceOf(PlatformCallError);
  expect(unsent.requests).toHaveLength(1);
  await expect(refreshTokens(losing(2, true).context)).rejects.toBeInstanceOf(PlatformCallError);
});

test('an account whose partner id is not a number is asked to correct it', async () => {
  const { context } = platform(() => answer(tokens));
  const broken = { ...account, credentials: { ...account.credentials, partner_id: 'live' } };
  await expect(refreshTokens({ ...context, account: broken })).rejects.toMatchObject({ kind: 'permanent' });
});

test('the expiry of the token is read; without one it counts as expired', () => {
  expect(tokenEnd(account.credentials)).toEqual(new Date('2026-01-01T04:00:00Z'));
  expect(tokenEnd({ expires_at: '' })).toEqual(new Date(0));
  expect(tokenEnd({})).toEqual(new Date(0));
});
