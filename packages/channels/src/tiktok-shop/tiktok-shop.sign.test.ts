import { describe, expect, test } from '@jest/globals';
import { account, signed } from './tiktok-shop.samples.ts';
import { signCall, verifyPush } from './tiktok-shop.sign.ts';

const common = { app_key: '6mockkey01', shop_cipher: 'GCP_mockCipher01', timestamp: '1767225600' };
const appSecret = 'ttsMockSecret0001';

// The one-line example of the webhook guide, byte for byte.
const example =
  '{"type":14,"tts_notification_id":"7000000000000000001","shop_id":"7490000000000000001","timestamp":1767225600,"data":{"content":"{\\"content\\":\\"hi\\"}","conversation_id":"7000000000000000002","create_time":1767225599,"is_visible":true,"message_id":"7000000000000000003","index":"7000000000000000004","type":"TEXT","sender":{"im_user_id":"7000000000000000005","role":"BUYER"}}}';
const exampleSignature = 'd8cb8e61d04ceebca589d2d78f39ee9ea167f3dff2a66cc241fefee72cc4003c';

const exampleWith = (authorization: string, body = example) => ({ ...signed(body), headers: { authorization } });

describe('signing a call', () => {
  test('matches the vector of a GET, with the parameters in any order', () => {
    const query = {
      shop_cipher: 'GCP_mockCipher01',
      timestamp: '1767225600',
      ids: '576461413038785752',
      app_key: '6mockkey01',
    };
    const sign = signCall({ appSecret, path: '/order/202507/orders', query, body: '' });
    expect(sign).toBe('bb851e61cc80623b08202770806bfa6e831ed80b04e4007d0d701d5769850da0');
  });

  test('matches the vector of a POST with its body', () => {
    const path = '/customer_service/202309/conversations/7494560109732334261/messages';
    const body = '{"type":"TEXT","content":"{\\"content\\":\\"Hello\\"}"}';
    const sign = signCall({ appSecret, path, query: common, body });
    expect(sign).toBe('49b0c31731aa367221035266a609323d7d279282aa9009789b04f33e455dc424');
  });

  test('leaves sign and access_token out', () => {
    const path = '/order/202507/orders';
    const plain = signCall({ appSecret, path, query: common, body: '' });
    expect(signCall({ appSecret, path, query: { ...common, sign: 'x', access_token: 'y' }, body: '' })).toBe(plain);
  });
});

describe('verifying a push', () => {
  test('accepts the vector, also in upper case', () => {
    expect(verifyPush(account, exampleWith(exampleSignature))).toEqual({ ok: true });
    expect(verifyPush(account, exampleWith(exampleSignature.toUpperCase()))).toEqual({ ok: true });
  });

  test('distinguishes a missing signature from a bad one', () => {
    expect(verifyPush(account, { ...signed(example), headers: {} })).toEqual({
      ok: false,
      reason: 'MISSING_SIGNATURE',
    });
    for (const header of [`sha256=${exampleSignature}`, `Bearer ${exampleSignature}`, exampleSignature.slice(1), 'zz'])
      expect(verifyPush(account, exampleWith(header))).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
  });

  test('refuses a body with a trailing newline that was not signed', () => {
    expect(verifyPush(account, exampleWith(exampleSignature, `${example}\n`)).ok).toBe(false);
  });

  test('accepts nothing when no secret is known', () => {
    const withoutSecret = { ...account, credentials: { app_key: '6mockkey01', app_secret: '' } };
    expect(verifyPush(withoutSecret, exampleWith(exampleSignature)).ok).toBe(false);
  });
});
