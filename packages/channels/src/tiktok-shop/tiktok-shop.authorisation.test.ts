import { expect, test } from '@jest/globals';
import { completeAuthorisation, startAuthorisation } from './tiktok-shop.authorisation.ts';
import { account, nowSeconds, platform, success } from './tiktok-shop.samples.ts';

const app = {
  baseUrls: account.baseUrls,
  credentials: { app_key: '6mockkey01', app_secret: 'ttsMockSecret0001', service_id: '73' },
};
const tokens = { access_token: 'a-new', refresh_token: 'r-new', access_token_expire_in: nowSeconds + 604_800 };

test('the link names the service and the state, on the page of the market', () => {
  const { context } = platform(() => success({}));
  const linkOf = (credentials: Record<string, string>) =>
    startAuthorisation({ ...context, account: { ...app, credentials } }, { state: 's-1' });
  expect(linkOf(app.credentials)).toBe('https://services.tiktokshop.com/open/authorize?service_id=73&state=s-1');
  const authorisation_page = 'https://services.tiktokshops.us/open/authorize';
  expect(linkOf({ ...app.credentials, authorisation_page })).toBe(`${authorisation_page}?service_id=73&state=s-1`);
  for (const page of ['javascript:alert(1)', 'data:text/html,hi', 'not a url'])
    expect(() => linkOf({ ...app.credentials, authorisation_page: page })).toThrow('is not a web address');
  expect(() => linkOf({ ...app.credentials, service_id: '' })).toThrow(/service_id/);
});

test('the code is exchanged for tokens, and every shop they cover becomes an account with its own cipher', async () => {
  const { context, asked } = platform(({ path }) =>
    path === '/api/v2/token/get'
      ? success(tokens)
      : success({
          shops: [{ id: '7', name: 'Lumina', region: 'GB', cipher: 'c7' }, { id: '8', cipher: 'c8' }, { id: '9' }],
        }),
  );
  const accounts = await completeAuthorisation({ ...context, account: app }, { code: 'c-1', state: 's-1' });
  const credentials = { access_token: 'a-new', refresh_token: 'r-new', expires_at: '2026-01-08T00:00:00.000Z' };
  expect(accounts).toEqual([
    {
      externalAccountId: '7',
      displayName: 'Lumina',
      country: 'GB',
      credentials: { ...credentials, shop_cipher: 'c7' },
    },
    { externalAccountId: '8', displayName: null, country: null, credentials: { ...credentials, shop_cipher: 'c8' } },
  ]);
  expect(asked[0]?.query).toEqual({
    ...{ app_key: '6mockkey01', app_secret: 'ttsMockSecret0001' },
    ...{ auth_code: 'c-1', grant_type: 'authorized_code' },
  });
  expect(asked[1]).toMatchObject({
    path: '/authorization/202309/shops',
    request: { method: 'GET', headers: { 'x-tts-access-token': 'a-new' } },
  });
  // There is no cipher yet, and TikTok refuses a cipher in this call.
  expect(asked[1]?.query).not.toHaveProperty('shop_cipher');
});

test.each([{ code: 'null', error: 'auth_denied' }, {}])('a seller who did not agree returns with %j', async (query) => {
  const { context, asked } = platform(() => success({}));
  await expect(completeAuthorisation({ ...context, account: app }, query)).rejects.toMatchObject({
    kind: 'permanent',
  });
  expect(asked).toEqual([]);
});
