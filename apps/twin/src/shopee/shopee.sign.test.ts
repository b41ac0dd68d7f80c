import { describe, expect, test } from '@jest/globals';
import { signPush, signRequest } from './shopee.sign.ts';

describe('signatures', () => {
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
    expect(signRequest(request)).toBe(expected);
  });

  test('push vector covers the callback address', () => {
    const body =
      '{"msg_id":"m-0001","code":3,"shop_id":700100200,"timestamp":1767225601,"data":{"ordersn":"260101ABCDEF12","status":"READY_TO_SHIP","completed_scenario":"","update_time":1767225600,"items":[]}}';
    expect(signPush(app.partnerKey, 'https://hooks.example.test/channels/shopee', body)).toBe(
      'a0ec4a7d2bb76585d2f0e8205eb0150214036a6e33f425b9aab2c1d7749c07f9',
    );
  });
});
