import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { field, textField } from '../json.ts';
import type { ConnectedShop } from '../model.ts';
import { type Bench, call, callPlatform, listAt, pictureForm, png, type Proof, startBench } from '../testing.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
const path = '/customer_service/202309/conversations';
let bench: Bench;
let shop: ConnectedShop;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('tiktok-shop');
});
afterEach(() => bench.close());

const code = (answer: { body: unknown }) => field(answer.body, 'code');
const get = (of: string, query: Record<string, string>, proof?: Proof) =>
  callPlatform(shop, { path: of, query }, proof);
const say = (words: string, at?: Date) =>
  bench.twin.buyerSays({ shop, buyer: 'writer', content: text(words), ...(at === undefined ? {} : { at }) });

test('signature, timestamp, token and cipher are checked', async () => {
  const list = async (proof: Proof, page_size = '20') => code(await get(path, { page_size }, proof));
  expect(await list({ credentials: { app_secret: '0'.repeat(40) } })).toBe(106001);
  expect(await list({ at: new Date(Date.now() + 40_000) })).toBe(36009004);
  expect(await list({ credentials: { access_token: 'x' } })).toBe(36009004);
  expect(await list({ credentials: { shop_cipher: 'other' } })).toBe(101000);
  expect(await list({})).toBe(0);
  expect(await list({}, '21')).toBe(36009022);
});

test('an echo names the role that sent the message', async () => {
  const { threadId } = say('hi');
  await bench.receiver.count(1);
  const { messageId } = await bench.sendText(shop, threadId, 'hello');
  const deliveries = await bench.receiver.count(2);
  expect(deliveries.map((one) => one.body)).toMatchObject([
    { type: 14, data: { sender: { role: 'BUYER' } } },
    { type: 14, data: { message_id: messageId, sender: { role: 'CUSTOMER_SERVICE' } } },
  ]);
});

test('an answer with a body is no acknowledgement', async () => {
  bench.receiver.answers.push({ status: 200, body: 'ok' });
  say('a');
  await bench.twin.settled();
  expect(bench.receiver.deliveries).toHaveLength(2);
  expect(bench.twin.pushes().lastRefusal).toContain('empty body');
});

test('messages come in pages of at most ten', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => say(`n${index}`));
  const page = (page_token: string) =>
    get(`${path}/${ids[0]?.threadId ?? ''}/messages`, { page_size: '10', page_token });
  const first = await page('');
  const second = await page(textField(first.body, 'data', 'next_page_token'));
  const found = [first, second]
    .flatMap((one) => listAt(one.body, 'data', 'messages'))
    .map((one) => textField(one, 'id'));
  expect(found).toEqual(ids.map((said) => said.messageId).toReversed());
  expect(textField(second.body, 'data', 'next_page_token')).toBe('');
});

test('a shop cannot write to a conversation after a month without messages', async () => {
  const { threadId } = say('long ago', new Date(Date.now() - 31 * 86_400_000));
  expect(code(await bench.sendText(shop, threadId, 'hello'))).toBe(45109001);
  expect(bench.twin.journal()).toEqual([]);
});

test('an expired token is refused as expired until it is refreshed', async () => {
  const { threadId } = say('hi');
  const old = { access_token: shop.credentials['access_token'] ?? '' };
  bench.twin.faults.next('tiktok-shop', 'token-expired');
  expect(code(await bench.sendText(shop, threadId, 'a'))).toBe(105002);
  shop = bench.shop('tiktok-shop');
  expect(code(await bench.sendText(shop, threadId, 'a', { credentials: old }))).toBe(105002);
  expect(code(await bench.sendText(shop, threadId, 'a'))).toBe(0);
});

test('a rate limit is answered with 429 and Retry-After, a server error with 500', async () => {
  const { threadId } = say('hi');
  bench.twin.faults.next('tiktok-shop', 'rate-limit');
  const limited = await bench.sendText(shop, threadId, 'a');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
  bench.twin.faults.next('tiktok-shop', 'server-error');
  expect((await bench.sendText(shop, threadId, 'a')).status).toBe(500);
});

test('the token host gives a new pair with absolute expiry times', async () => {
  const { app_key = '', app_secret = '', refresh_token = '' } = shop.credentials;
  const query = new URLSearchParams({ app_key, app_secret, refresh_token, grant_type: 'refresh_token' });
  const answer = await call(`${shop.baseUrls.auth}/api/v2/token/refresh?${query.toString()}`);
  expect(field(answer.body, 'data', 'access_token_expire_in')).toBeGreaterThan(Date.now() / 1000 + 6 * 86_400);
  const credentials = { access_token: textField(answer.body, 'data', 'access_token') };
  expect(code(await get(path, { page_size: '5' }, { credentials }))).toBe(0);
  query.set('refresh_token', 'made up');
  expect(code(await call(`${shop.baseUrls.auth}/api/v2/token/refresh?${query.toString()}`))).toBe(36009004);
});

test('orders are searched by time and read by id, one line per unit', async () => {
  const now = Math.floor(Date.now() / 1000);
  const search = await callPlatform(shop, {
    path: '/order/202309/orders/search',
    query: { page_size: '100', sort_field: 'update_time' },
    json: { update_time_ge: now - 15 * 86_400 },
  });
  expect(field(search.body, 'data', 'total_count')).toBe(12);
  const order = bench.twin.orders(shop).find((one) => one.items.some((item) => item.quantity === 2));
  const byId = await get('/order/202507/orders', { ids: order?.id ?? '' });
  const units = order?.items.reduce((total, item) => total + item.quantity, 0);
  expect(listAt(listAt(byId.body, 'data', 'orders')[0], 'line_items')).toHaveLength(units ?? -1);
});

test('an uploaded picture comes back with its size, which a send needs as numbers', async () => {
  const upload = { path: '/customer_service/202309/images/upload', form: pictureForm('data', png) };
  const answer = (await callPlatform(shop, upload)).body;
  expect(field(answer, 'data')).toMatchObject({ width: 640, height: 480 });
  const url = textField(answer, 'data', 'url');
  const { threadId } = say('hi');
  const send = async (content: object) => {
    const json = { type: 'IMAGE', content: JSON.stringify(content) };
    return code(await callPlatform(shop, { path: `${path}/${threadId}/messages`, json }));
  };
  expect(await send({ url, width: 640, height: 480 })).toBe(0);
  expect(await send({ url, width: '640', height: '480' })).toBe(45101001);
  expect(await send({ url: 'https://elsewhere.example/a.png', width: 640, height: 480 })).toBe(45101001);
});
