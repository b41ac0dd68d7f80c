import { expect, test } from '@jest/globals';
import { cancelLink, completeAuthorisation, startAuthorisation } from './shopee.authorisation.ts';
import { account, answer, platform } from './shopee.samples.ts';

const tokens = { access_token: 'a-new', refresh_token: 'r-new', expire_in: 14_400 };
const given = { redirectUrl: 'https://desk.example/authorisations/shopee', state: 's-1' };

test('the link is signed like a public call, and the return address contains the state', () => {
  const url = new URL(startAuthorisation(platform(() => answer({})).context, given));
  expect(`${url.origin}${url.pathname}`).toBe('https://auth.shopee.example/api/v2/shop/auth_partner');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    partner_id: '2007001',
    timestamp: '1767225600',
    sign: expect.stringMatching(/^[0-9a-f]{64}$/),
    redirect: 'https://desk.example/authorisations/shopee?state=s-1',
  });
});

test('the code of a shop is exchanged for its tokens, with the signature of the published vector', async () => {
  const { context, asked } = platform(({ path }) =>
    path.endsWith('get_shop_info')
      ? answer({ error: '', message: '', shop_name: 'Lumina', region: 'SG' })
      : answer({ error: '', message: '', ...tokens }),
  );
  const accounts = await completeAuthorisation(context, { code: 'c-1', shop_id: '700100200' });
  expect(accounts).toEqual([
    {
      externalAccountId: '700100200',
      displayName: 'Lumina',
      country: 'SG',
      credentials: { access_token: 'a-new', refresh_token: 'r-new', expires_at: '2026-01-01T04:00:00.000Z' },
    },
  ]);
  expect(asked[0]).toMatchObject({
    path: '/api/v2/auth/token/get',
    query: { sign: '5cd5bc54b55d4c2e2e970849cfe2c4cc696f1b734c543ef2e9a64cb7db570684' },
    body: '{"code":"c-1","partner_id":2007001,"shop_id":700100200}',
  });
});

test('a main account connects every shop it agreed for, each with its first tokens', async () => {
  const { context, asked } = platform(({ path }) =>
    path.endsWith('get_shop_info')
      ? answer({ error: 'error_server', message: '' })
      : answer({ error: '', message: '', ...tokens, shop_id_list: [11, 12] }),
  );
  const accounts = await completeAuthorisation(context, { code: 'c-1', main_account_id: '77' });
  expect(accounts).toMatchObject([
    { externalAccountId: '11', displayName: null },
    { externalAccountId: '12', displayName: null },
  ]);
  expect(asked[0]?.body).toBe('{"code":"c-1","partner_id":2007001,"main_account_id":77}');
});

test('a used code is refused for good: a person has to start again', async () => {
  const { context } = platform(() => answer({ error: 'invalid_code', message: 'Invalid code' }));
  const completing = completeAuthorisation(context, { code: 'c-1', shop_id: '700100200' });
  await expect(completing).rejects.toMatchObject({ kind: 'permanent', message: 'invalid_code: Invalid code' });
});

test('a person gives the access back on a page of Shopee', () => {
  const url = new URL(cancelLink(platform(() => answer({})).context));
  expect(url.pathname).toBe('/api/v2/shop/cancel_auth_partner');
  expect(url.href).not.toContain(account.credentials['access_token']);
});
