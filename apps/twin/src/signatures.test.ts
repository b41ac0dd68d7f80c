import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { isSigned, sign } from './generic/generic.sign.ts';
import * as shopee from './shopee/shopee.sign.ts';
import * as tiktok from './tiktok-shop/tiktok-shop.sign.ts';
import { escapeNonAscii, signPush as signMetaPush } from './whatsapp/whatsapp.entry.ts';

describe('Shopee signatures', () => {
  const app = {
    partnerId: '2007001',
    partnerKey: '5a4d6f636b506172746e65724b6579466f72446f63734f6e6c79303030303031',
    timestamp: '1767225600',
  };
  const shop = { ...app, accessToken: '6d6f636b546f6b656e41626344656630', shopId: '700100200' };

  test.each([
    [
      'public',
      { ...app, path: '/api/v2/auth/token/get' },
      '5cd5bc54b55d4c2e2e970849cfe2c4cc696f1b734c543ef2e9a64cb7db570684',
    ],
    [
      'shop',
      { ...shop, path: '/api/v2/order/get_order_detail' },
      '88de417914f813a7ef421a82b706a0f32f6d12db702458cab5048f0928959fbe',
    ],
    [
      'shop POST',
      { ...shop, path: '/api/v2/sellerchat/send_message' },
      'a6161a7bb84ac42ec50e46530fcecfabf57ae7d90ad57fb4653973b5c9ad7651',
    ],
  ])('%s request vector', (_name, request, expected) => {
    expect(shopee.signRequest(request)).toBe(expected);
  });

  test('push vector covers the callback address', () => {
    const body =
      '{"msg_id":"m-0001","code":3,"shop_id":700100200,"timestamp":1767225601,"data":{"ordersn":"260101ABCDEF12","status":"READY_TO_SHIP","completed_scenario":"","update_time":1767225600,"items":[]}}';
    expect(shopee.signPush(app.partnerKey, 'https://hooks.example.test/channels/shopee', body)).toBe(
      'a0ec4a7d2bb76585d2f0e8205eb0150214036a6e33f425b9aab2c1d7749c07f9',
    );
  });
});

describe('TikTok Shop signatures', () => {
  const appSecret = 'ttsMockSecret0001';
  const common = { app_key: '6mockkey01', shop_cipher: 'GCP_mockCipher01', timestamp: '1767225600' };

  test.each([
    [
      'GET',
      '/order/202507/orders',
      { ...common, ids: '576461413038785752', sign: 'left out', access_token: 'left out' },
      '',
      'bb851e61cc80623b08202770806bfa6e831ed80b04e4007d0d701d5769850da0',
    ],
    [
      'POST with a JSON body',
      '/customer_service/202309/conversations/7494560109732334261/messages',
      common,
      '{"type":"TEXT","content":"{\\"content\\":\\"Hello\\"}"}',
      '49b0c31731aa367221035266a609323d7d279282aa9009789b04f33e455dc424',
    ],
    [
      'multipart, body left out',
      '/customer_service/202309/images/upload',
      common,
      '',
      '9b5368608f76a48a2b9547136a056c31e0fd93b7ac997d70fc34d73a4f755b39',
    ],
  ])('%s vector', (_name, path, query, body, expected) => {
    expect(tiktok.signRequest({ appSecret, path, query: new URLSearchParams(query), body })).toBe(expected);
  });

  test('push vector', () => {
    const body =
      '{"type":14,"tts_notification_id":"7000000000000000001","shop_id":"7490000000000000001","timestamp":1767225600,"data":{"content":"{\\"content\\":\\"hi\\"}","conversation_id":"7000000000000000002","create_time":1767225599,"is_visible":true,"message_id":"7000000000000000003","index":"7000000000000000004","type":"TEXT","sender":{"im_user_id":"7000000000000000005","role":"BUYER"}}}';
    expect(tiktok.signPush('6mockkey01', appSecret, body)).toBe(
      'd8cb8e61d04ceebca589d2d78f39ee9ea167f3dff2a66cc241fefee72cc4003c',
    );
  });
});

test('Meta signs the escaped bytes', () => {
  const body = escapeNonAscii(
    '{"object":"page","entry":[{"id":"1111","time":1700000000000,"messaging":[{"sender":{"id":"2222"},"recipient":{"id":"1111"},"timestamp":1700000000000,"message":{"mid":"m_demo1","text":"café 😀"}}]}]}',
  );
  expect(Buffer.byteLength(body)).toBe(213);
  expect(signMetaPush('demo_meta_app_secret', body)).toBe(
    'sha256=36489ed44eecea674e46bf43cffd92790e85d0f21d22101e63364a871b53df1d',
  );
});

describe('Standard Webhooks', () => {
  const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
  const body = '{"type":"ticket.created","timestamp":"2026-01-02T03:04:05Z","data":{"id":"T-1"}}';

  test('vector, and the reference library agrees', () => {
    const signature = sign(secret, 'msg_demo0001', 1_767_322_800, body);
    expect(signature).toBe('v1,FUV0Tf9Waq/0ohTaXrDJQ7qHfeQa8e3C++ki8cd7NTY=');
    expect(new Webhook(secret).sign('msg_demo0001', new Date(1_767_322_800_000), body)).toBe(signature);
  });

  test('one of several signatures is enough; stale, unsigned and changed ones are refused', () => {
    const good = { id: 'm1', timestamp: '1000000', signature: `v1,AAAA ${sign(secret, 'm1', 1_000_000, body)}` };
    expect(isSigned(secret, good, body, 1_000_300)).toBe(true);
    expect(isSigned(secret, good, body, 1_000_301)).toBe(false);
    expect(isSigned(secret, good, `${body} `, 1_000_000)).toBe(false);
    expect(isSigned(secret, { ...good, id: 'm2' }, body, 1_000_000)).toBe(false);
    expect(isSigned(secret, { ...good, signature: '' }, body, 1_000_000)).toBe(false);
  });
});
