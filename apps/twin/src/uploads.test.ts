import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { field, textField } from './json.ts';
import { signRequest as signShopee } from './shopee/shopee.sign.ts';
import { callShopee, callTiktok, startBench, type Bench } from './testing.ts';
import { signRequest as signTiktok } from './tiktok-shop/tiktok-shop.sign.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000280000001e00806000000', 'hex');
let bench: Bench;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

async function post(url: string, name: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<unknown> {
  const form = new FormData();
  form.set(name, new Blob([Uint8Array.from(bytes)], { type: 'image/png' }), 'a.png');
  return (await fetch(url, { method: 'POST', body: form, headers })).json();
}

function uploadToShopee(bytes: Buffer, name = 'file') {
  const shop = bench.shop('shopee');
  const path = '/api/v2/sellerchat/upload_image';
  const { partner_id: partnerId = '', partner_key: partnerKey = '', access_token: accessToken = '' } = shop.credentials;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const shopId = shop.externalAccountId;
  const sign = signShopee({ partnerId, partnerKey, path, timestamp, accessToken, shopId });
  const query = { partner_id: partnerId, timestamp, sign, access_token: accessToken, shop_id: shopId };
  return post(`${shop.baseUrls.api}${path}?${new URLSearchParams(query).toString()}`, name, bytes);
}

function uploadToTiktok(bytes: Buffer) {
  const { baseUrls, credentials } = bench.shop('tiktok-shop');
  const path = '/customer_service/202309/images/upload';
  const query = new URLSearchParams({
    app_key: credentials['app_key'] ?? '',
    shop_cipher: credentials['shop_cipher'] ?? '',
    timestamp: String(Math.floor(Date.now() / 1_000)),
  });
  query.set('sign', signTiktok({ appSecret: credentials['app_secret'] ?? '', path, query, body: '' }));
  const headers = { 'x-tts-access-token': credentials['access_token'] ?? '' };
  return post(`${baseUrls.api}${path}?${query.toString()}`, 'data', bytes, headers);
}

test('Shopee keeps a picture, serves it, and lets only such addresses be sent', async () => {
  const shop = bench.shop('shopee');
  const url = textField(await uploadToShopee(png), 'response', 'url');
  expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(png);
  const { threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: { kind: 'text', text: 'hi' } });
  const query = { conversation_id: threadId };
  const one = await callShopee(shop, '/api/v2/sellerchat/get_one_conversation', { query });
  const send = async (image_url: string) => {
    const body = { to_id: field(one.body, 'response', 'to_id'), message_type: 'image', content: { image_url } };
    return textField((await callShopee(shop, '/api/v2/sellerchat/send_message', { body })).body, 'error');
  };
  expect(await send(url)).toBe('');
  expect(await send('https://elsewhere.example/a.png')).toBe('error_param');
});

test.each([
  ['a picture that is too large', Buffer.concat([png, Buffer.alloc(2 * 1_048_576)]), 'file'],
  ['what is no picture', Buffer.from('<svg/>'), 'file'],
  ['WebP', Buffer.from('52494646240000005745425056503820', 'hex'), 'file'],
  ['another field', png, 'data'],
])('Shopee refuses %s', async (_, bytes, name) => {
  expect(textField(await uploadToShopee(bytes, name), 'error')).toBe('error_param');
});

test('TikTok Shop answers with the size, and wants it as numbers when the picture is sent', async () => {
  const shop = bench.shop('tiktok-shop');
  const answer = await uploadToTiktok(png);
  expect(field(answer, 'data')).toMatchObject({ width: 640, height: 480 });
  const url = textField(answer, 'data', 'url');
  const { threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: { kind: 'text', text: 'hi' } });
  const send = async (content: object) => {
    const body = { type: 'IMAGE', content: JSON.stringify(content) };
    const path = `/customer_service/202309/conversations/${threadId}/messages`;
    return field((await callTiktok(shop, path, { body })).body, 'code');
  };
  expect(await send({ url, width: 640, height: 480 })).toBe(0);
  expect(await send({ url, width: '640', height: '480' })).toBe(45101001);
  expect(await send({ url: 'https://elsewhere.example/a.png', width: 640, height: 480 })).toBe(45101001);
});
