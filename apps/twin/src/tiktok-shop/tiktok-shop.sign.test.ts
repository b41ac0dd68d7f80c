import { describe, expect, test } from '@jest/globals';
import { signPush, signRequest } from './tiktok-shop.sign.ts';

describe('signatures', () => {
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
    expect(signRequest({ appSecret, path, query: new URLSearchParams(query), body })).toBe(expected);
  });

  test('push vector', () => {
    const body =
      '{"type":14,"tts_notification_id":"7000000000000000001","shop_id":"7490000000000000001","timestamp":1767225600,"data":{"content":"{\\"content\\":\\"hi\\"}","conversation_id":"7000000000000000002","create_time":1767225599,"is_visible":true,"message_id":"7000000000000000003","index":"7000000000000000004","type":"TEXT","sender":{"im_user_id":"7000000000000000005","role":"BUYER"}}}';
    expect(signPush('6mockkey01', appSecret, body)).toBe(
      'd8cb8e61d04ceebca589d2d78f39ee9ea167f3dff2a66cc241fefee72cc4003c',
    );
  });
});
