import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sign } from './generic/generic.sign.ts';
import { field, textField } from './json.ts';
import { call, callTiktok, callWhatsapp, listAt, startBench, type Bench } from './testing.ts';
import { signPush as signTiktokPush } from './tiktok-shop/tiktok-shop.sign.ts';
import type { ConnectedShop } from './twin.ts';
import { signPush as signMetaPush } from './whatsapp/whatsapp.entry.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

describe('TikTok Shop', () => {
  const path = '/customer_service/202309/conversations';
  let shop: ConnectedShop;
  beforeEach(() => {
    shop = bench.shop('tiktok-shop');
  });
  const code = (answer: { body: unknown }) => field(answer.body, 'code');
  const say = (words: string, at?: Date) =>
    bench.twin.buyerSays({ shop, buyer: 'writer', content: text(words), ...(at === undefined ? {} : { at }) });
  const send = (threadId: string, words: string) =>
    callTiktok(shop, `${path}/${threadId}/messages`, {
      body: { type: 'TEXT', content: JSON.stringify({ content: words }) },
    });

  test('signature, timestamp, token and cipher are checked', async () => {
    const now = Math.floor(Date.now() / 1000);
    const query = { page_size: '20' };
    expect(code(await callTiktok(shop, path, { query, sign: '0'.repeat(64) }))).toBe(106001);
    expect(code(await callTiktok(shop, path, { query, timestamp: now + 40 }))).toBe(36009004);
    expect(code(await callTiktok(shop, path, { query, accessToken: 'x' }))).toBe(36009004);
    expect(code(await callTiktok(shop, path, { query: { ...query, shop_cipher: 'other' } }))).toBe(101000);
    expect(code(await callTiktok(shop, path, { query }))).toBe(0);
    expect(code(await callTiktok(shop, path, { query: { page_size: '21' } }))).toBe(36009022);
  });

  test('a message is pushed signed, answered, and echoed to every role', async () => {
    const { threadId } = say('hi');
    const [delivery] = await bench.receiver.count(1);
    const { app_key = '', app_secret = '' } = shop.credentials;
    expect(delivery?.headers['authorization']).toBe(signTiktokPush(app_key, app_secret, delivery?.raw ?? ''));
    const answer = await send(threadId, 'hello');
    await bench.receiver.count(2);
    expect(bench.receiver.deliveries[1]?.body).toMatchObject({
      type: 14,
      data: { message_id: textField(answer.body, 'data', 'message_id'), sender: { role: 'CUSTOMER_SERVICE' } },
    });
    expect(bench.twin.journal()).toMatchObject([{ platform: 'tiktok-shop', threadId, text: 'hello' }]);
  });

  test('messages come in pages of at most ten', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => say(`n${index}`));
    const threadId = ids[0]?.threadId ?? '';
    const page = (page_token: string) =>
      callTiktok(shop, `${path}/${threadId}/messages`, { query: { page_size: '10', page_token } });
    const first = await page('');
    const second = await page(textField(first.body, 'data', 'next_page_token'));
    const found = [first, second]
      .flatMap((one) => listAt(one.body, 'data', 'messages'))
      .map((one) => textField(one, 'id'));
    expect(found).toEqual(ids.map((said) => said.messageId).toReversed());
    expect(textField(second.body, 'data', 'next_page_token')).toBe('');
  });

  test('a conversation silent for a month cannot be written to', async () => {
    const { threadId } = say('long ago', new Date(Date.now() - 31 * 86_400_000));
    expect(code(await send(threadId, 'hello'))).toBe(45109001);
    expect(bench.twin.journal()).toEqual([]);
  });

  test('the token host gives a new pair with absolute ends', async () => {
    const { app_key = '', app_secret = '', refresh_token = '' } = shop.credentials;
    const query = new URLSearchParams({ app_key, app_secret, refresh_token, grant_type: 'refresh_token' });
    const answer = await call(`${shop.baseUrls.auth}/api/v2/token/refresh?${query.toString()}`, undefined, {});
    expect(field(answer.body, 'data', 'access_token_expire_in')).toBeGreaterThan(Date.now() / 1000 + 6 * 86_400);
    const accessToken = textField(answer.body, 'data', 'access_token');
    expect(code(await callTiktok(shop, path, { query: { page_size: '5' }, accessToken }))).toBe(0);
    query.set('refresh_token', 'made up');
    expect(code(await call(`${shop.baseUrls.auth}/api/v2/token/refresh?${query.toString()}`, undefined, {}))).toBe(
      36009004,
    );
  });

  test('orders are searched by time and read by id, one line per unit', async () => {
    const now = Math.floor(Date.now() / 1000);
    const search = await callTiktok(shop, '/order/202309/orders/search', {
      query: { page_size: '100', sort_field: 'update_time' },
      body: { update_time_ge: now - 15 * 86_400 },
    });
    expect(field(search.body, 'data', 'total_count')).toBe(12);
    const order = bench.twin.orders(shop).find((one) => one.items.some((item) => item.quantity === 2));
    const byId = await callTiktok(shop, '/order/202507/orders', { query: { ids: order?.id ?? '' } });
    const units = order?.items.reduce((total, item) => total + item.quantity, 0);
    expect(listAt(listAt(byId.body, 'data', 'orders')[0], 'line_items')).toHaveLength(units ?? -1);
  });
});

describe('WhatsApp', () => {
  let shop: ConnectedShop;
  beforeEach(() => {
    shop = bench.shop('whatsapp');
  });
  const buyerPhone = () => bench.twin.threads(shop)[0]?.buyer.phone ?? '';
  const message = (body: string) => ({
    messaging_product: 'whatsapp',
    to: buyerPhone(),
    type: 'text',
    text: { body },
    biz_opaque_callback_data: 'our-key-1',
  });
  const code = (answer: { body: unknown }) => field(answer.body, 'error', 'code');

  test('webhooks are escaped ASCII, signed by those bytes', async () => {
    bench.twin.buyerSays({ shop, buyer: 'ana', content: text('café 😀') });
    const [delivery] = await bench.receiver.count(1);
    expect(delivery?.raw).toContain('caf\\u00e9 \\ud83d\\ude00');
    expect(delivery?.headers['x-hub-signature-256']).toBe(
      signMetaPush(shop.credentials['app_secret'] ?? '', delivery?.raw ?? ''),
    );
  });

  test('a send brings the statuses sent, delivered, read with the key in them', async () => {
    bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi') });
    await bench.receiver.count(1);
    expect((await callWhatsapp(shop, message('hello'))).status).toBe(200);
    const deliveries = await bench.receiver.count(4);
    const statuses = deliveries.slice(1).map((one) => {
      const change = listAt(listAt(one.body, 'entry')[0], 'changes')[0];
      return listAt(change, 'value', 'statuses')[0];
    });
    expect(statuses.map((one) => textField(one, 'status'))).toEqual(['sent', 'delivered', 'read']);
    expect(statuses.map((one) => textField(one, 'biz_opaque_callback_data'))).toEqual(Array(3).fill('our-key-1'));
    expect(bench.twin.journal()).toMatchObject([{ text: 'hello', key: 'our-key-1' }]);
  });

  test('a day after the last word of the buyer only templates pass', async () => {
    const at = new Date(Date.now() - 24 * 3600_000 - 1);
    bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi'), at });
    expect(code(await callWhatsapp(shop, message('too late')))).toBe(131047);
    const template = { ...message(''), type: 'template', template: { name: 'hello', language: { code: 'en' } } };
    expect((await callWhatsapp(shop, template)).status).toBe(200);
    expect(bench.twin.journal()).toHaveLength(1);
  });

  test('wrong tokens, unknown recipients and empty texts are refused', async () => {
    bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi') });
    expect(code(await callWhatsapp(shop, message('x'), 'wrong'))).toBe(190);
    expect(code(await callWhatsapp(shop, { ...message('x'), to: '999' }))).toBe(131026);
    expect(code(await callWhatsapp(shop, message('')))).toBe(100);
  });

  test('announced media can be fetched in two steps with the token', async () => {
    const url = 'http://127.0.0.1:1/_twin/images/photo-7.svg';
    bench.twin.buyerSays({ shop, buyer: 'ana', content: { kind: 'image', url, caption: 'broken' } });
    const [delivery] = await bench.receiver.count(1);
    const change = listAt(listAt(delivery?.body, 'entry')[0], 'changes')[0];
    const id = textField(listAt(change, 'value', 'messages')[0], 'image', 'id');
    const authorization = `Bearer ${shop.credentials['access_token'] ?? ''}`;
    const media = await call(`${shop.baseUrls.api}/v24.0/${id}`, undefined, { authorization });
    const image = await fetch(textField(media.body, 'url'), { headers: { authorization } });
    expect(await image.text()).toContain('photo-7');
  });
});

describe('generic', () => {
  const post = async (
    shop: ConnectedShop,
    id: string,
    body: string,
    secret = shop.credentials['signing_secret'] ?? '',
  ) => {
    const now = Math.floor(Date.now() / 1000);
    return fetch(`${shop.baseUrls.api}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(now),
        'webhook-signature': sign(secret, id, now, body),
      },
      body,
    });
  };

  test('a reply is executed once per webhook-id, and only with the right secret', async () => {
    const shop = bench.shop('generic');
    const { threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') });
    const data = { conversationKey: threadId, messageId: 'm-1', text: 'hello', content: text('hello') };
    const body = JSON.stringify({ type: 'message.outbound', timestamp: new Date().toISOString(), data });
    const other = `whsec_${Buffer.from('another secret of the length').toString('base64')}`;
    expect((await post(shop, 'm-1', body, other)).status).toBe(401);
    const first: unknown = await (await post(shop, 'm-1', body)).json();
    const second: unknown = await (await post(shop, 'm-1', body)).json();
    expect(textField(second, 'externalId')).toBe(textField(first, 'externalId'));
    expect(bench.twin.journal()).toMatchObject([{ platform: 'generic', threadId, text: 'hello', key: 'm-1' }]);
  });

  test('a retry keeps its webhook-id', async () => {
    bench.receiver.answers.push({ status: 503, body: '' });
    bench.twin.buyerSays({ shop: bench.shop('generic'), buyer: 'olivia', content: text('hi') });
    const deliveries = await bench.receiver.count(2);
    expect(deliveries[0]?.headers['webhook-id']).toBe(deliveries[1]?.headers['webhook-id']);
  });
});
