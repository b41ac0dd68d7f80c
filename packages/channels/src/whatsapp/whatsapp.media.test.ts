import { expect, test } from '@jest/globals';
import { askedPlatform } from '../conformance/asked-platform.ts';
import type { PlatformResponse } from '../port/index.ts';
import { locateMedia } from './whatsapp.media.ts';
import { account } from './whatsapp.samples.ts';

const authorization = 'Bearer EAAG-demo-access-token';

function locate(answer: Partial<PlatformResponse> & { readonly json: unknown }) {
  const { json, ...rest } = answer;
  const response = { status: 200, headers: {}, ...rest, body: JSON.stringify(json) };
  const platform = askedPlatform(account, new Date('2026-01-02T03:00:00Z'), () => response);
  return { located: locateMedia(platform.context, 'MEDIA/1'), asked: platform.asked };
}

test('the address of a file is asked with the token, for the number of the account', async () => {
  const { located, asked } = locate({ json: { url: 'https://lookaside.fbsbx.com/whatsapp_business/?mid=1' } });
  expect(await located).toMatchObject({ headers: { authorization } });
  expect(asked).toMatchObject([
    {
      path: '/v24.0/MEDIA%2F1',
      query: { phone_number_id: 'PN1' },
      request: { method: 'GET', headers: { authorization } },
    },
  ]);
});

test.each([
  ['https://graph.example/download/1', true],
  ['https://scontent.xx.fbcdn.net/1', true],
  ['http://lookaside.fbsbx.com/1', false],
  ['https://lookaside.fbsbx.com.example/1', false],
  ['https://evilfbsbx.com/1', false],
  ['https://graph.example:8443/1', false],
])('the token goes to %s: %p', async (url, isGiven) => {
  expect(await locate({ json: { url } }).located).toEqual({ url, headers: isGiven ? { authorization } : {} });
});

test('media that Meta no longer has is null; other refusals keep their kind', async () => {
  expect(await locate({ status: 400, json: { error: { code: 100 } } }).located).toBeNull();
  expect(await locate({ status: 404, json: {} }).located).toBeNull();
  await expect(locate({ status: 401, json: { error: { code: 190 } } }).located).rejects.toMatchObject({
    kind: 'unauthorised',
  });
  await expect(locate({ json: {} }).located).rejects.toMatchObject({ kind: 'unavailable' });
});
