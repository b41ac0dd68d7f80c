import { describe, expect, test } from '@jest/globals';
import { PlatformCallError } from '../port/index.ts';
import { account, answer, failure, platform, success } from './tiktok-shop.samples.ts';
import { tokenEnd } from '../shared/tokens.ts';
import { refreshTokens } from './tiktok-shop.token.ts';

const pair = { access_token: 'TTP_next', refresh_token: 'TTP_nextRefresh' };

describe('refreshing the tokens', () => {
  test('calls the token host without a signature, and keeps the new pair with its absolute expiry', async () => {
    const { context, asked } = platform(() =>
      success({ ...pair, access_token_expire_in: 1767830400, refresh_token_expire_in: 1798761600 }),
    );
    expect(await refreshTokens(context)).toEqual({
      ...account.credentials,
      ...pair,
      expires_at: '2026-01-08T00:00:00.000Z',
      consent_ends_at: '2027-01-01T00:00:00.000Z',
    });
    expect(asked).toMatchObject([
      {
        path: '/api/v2/token/refresh',
        query: {
          app_key: '6mockkey01',
          app_secret: 'ttsMockSecret0001',
          refresh_token: 'TTP_mockRefresh0001',
          grant_type: 'refresh_token',
        },
        request: { method: 'GET', body: null },
      },
    ]);
    expect(asked[0]?.request.url.startsWith('https://auth.tiktok.example/api/')).toBe(true);
    expect(Object.keys(asked[0]?.query ?? {})).not.toContain('sign');
  });

  test.each([undefined, 604800, 'soon'])('an expiry of %j is replaced by the documented seven days', async (end) => {
    const { context } = platform(() => success({ ...pair, access_token_expire_in: end }));
    expect((await refreshTokens(context))['expires_at']).toBe('2026-01-08T00:00:00.000Z');
  });

  test.each([
    [failure(36009004, 'Invalid refresh_token'), 'permanent'],
    [failure(105002, 'expired'), 'permanent'],
    [failure(99999999, 'auth code is used'), 'permanent'],
    [failure(36009003, 'internal'), 'unavailable'],
    [failure(36009002, 'slow'), 'rate-limited'],
    [answer('<h1>Bad gateway</h1>', 502), 'unavailable'],
    [success({ access_token: 'TTP_next' }), 'unavailable'],
  ])('%j becomes a refusal: %s', async (response, kind) => {
    await expect(refreshTokens(platform(() => response).context)).rejects.toMatchObject({ kind });
  });

  test.each([true, false])(
    'the error of a broken connection does not contain the address (may have executed: %s)',
    async (mayHaveExecuted) => {
      const { context } = platform(({ request }) => {
        throw new PlatformCallError(`GET ${request.url} failed`, mayHaveExecuted, { cause: new Error(request.url) });
      });
      const error = await refreshTokens(context).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PlatformCallError);
      expect(error).toMatchObject({ mayHaveExecuted });
      expect(error).not.toHaveProperty('cause');
      for (const secret of Object.values(account.credentials)) expect(String(error)).not.toContain(secret);
    },
  );
});

test('the expiry of the token is read as an instant or in unix seconds; without one it counts as expired', () => {
  expect(tokenEnd(account.credentials)).toEqual(new Date('2026-01-08T00:00:00Z'));
  expect(tokenEnd({ expires_at: '1767830400' })).toEqual(new Date('2026-01-08T00:00:00Z'));
  expect(tokenEnd({})).toEqual(new Date(0));
});
