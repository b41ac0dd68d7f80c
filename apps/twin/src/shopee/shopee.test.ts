import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { field, textField } from '../json.ts';
import { callPlatform, listAt, pictureForm, png, startBench, type Bench, type Proof } from '../testing.ts';
import type { ConnectedShop } from '../model.ts';

const chat = '/api/v2/sellerchat';
let bench: Bench;
let shop: ConnectedShop;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('shopee');
});
afterEach(() => bench.close());

const error = (answer: { body: unknown }) => textField(answer.body, 'error');
const text = (words: string) => ({ kind: 'text' as const, text: words });

const get = (path: string, query: Record<string, string>, proof?: Proof) => callPlatform(shop, { path, query }, proof);
const post = (path: string, json: unknown) => callPlatform(shop, { path, json });

test('a wrong signature, a wrong token and a skewed clock are refused', async () => {
  const refusal = async (proof: Proof) => error(await get(`${chat}/get_one_conversation`, {}, proof));
  expect(await refusal({ credentials: { partner_key: '0'.repeat(64) } })).toBe('error_sign');
  expect(await refusal({ credentials: { access_token: 'f'.repeat(60) } })).toBe('invalid_acceess_token');
  expect(await refusal({ at: new Date(Date.now() - 301_000) })).toBe('error_param');
  expect(await refusal({})).toBe('error_not_found');
});

test('a push has the code of chats and the unchanged text of the buyer', async () => {
  const said = bench.twin.buyerSays({ shop, buyer: 'wei', content: text('什么时候发货？') });
  const [delivery] = await bench.receiver.count(1);
  const content = { message_id: said.messageId, conversation_id: said.threadId, content: { text: '什么时候发货？' } };
  expect(delivery?.body).toMatchObject({ code: 10, data: { content } });
});

test('an answer with a body is no acknowledgement', async () => {
  bench.receiver.answers.push({ status: 200, body: 'ok' });
  bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('a') });
  await bench.twin.settled();
  expect(bench.receiver.deliveries).toHaveLength(2);
  expect(bench.twin.pushes().lastRefusal).toContain('empty body');
});

test('a thread is paged newest first to its beginning', async () => {
  const ids: string[] = [];
  let threadId = '';
  for (let index = 0; index < 7; index += 1) {
    const said = bench.twin.buyerSays({ shop, buyer: 'linh', content: text(`n${index}`) });
    ids.unshift(said.messageId);
    threadId = said.threadId;
  }
  const found: string[] = [];
  for (let offset = '', pages = 0; pages < 4; pages += 1) {
    const query = { conversation_id: threadId, page_size: '3', offset };
    const page = await get(`${chat}/get_message`, query);
    found.push(...listAt(page.body, 'response', 'messages').map((one) => textField(one, 'message_id')));
    offset = textField(page.body, 'response', 'page_result', 'next_offset');
    if (offset === '') break;
  }
  expect(found).toEqual(ids);
});

test('conversations are paged by nanoseconds; "older" without a cursor returns nothing', async () => {
  for (const buyer of ['a', 'b', 'c']) bench.twin.buyerSays({ shop, buyer, content: text('hi') });
  const list = (query: Record<string, string>) =>
    get(`${chat}/get_conversation_list`, { type: 'all', page_size: '2', ...query });
  const first = await list({ direction: 'latest' });
  const cursor = textField(first.body, 'response', 'page_result', 'next_cursor', 'next_message_time_nano');
  const second = await list({ direction: 'older', next_timestamp_nano: cursor });
  const names = [first, second].flatMap((page) => listAt(page.body, 'response', 'conversations'));
  expect(names.map((one) => textField(one, 'to_name'))).toEqual(['c', 'b', 'a']);
  expect(cursor).toMatch(/^\d{19}$/);
  expect(listAt((await list({ direction: 'older' })).body, 'response', 'conversations')).toEqual([]);
});

test('a refresh token works once; the new pair works', async () => {
  const body = { refresh_token: shop.credentials['refresh_token'], partner_id: 1, shop_id: 700100200 };
  const refreshed = await post('/api/v2/auth/access_token/get', body);
  const again = await post('/api/v2/auth/access_token/get', body);
  expect(error(refreshed)).toBe('');
  expect(field(refreshed.body, 'expire_in')).toBe(14_400);
  expect(error(again)).toBe('refresh_token_expired');
  const credentials = { access_token: textField(refreshed.body, 'access_token') };
  const query = { direction: 'latest', type: 'all' };
  expect(error(await get(`${chat}/get_conversation_list`, query, { credentials }))).toBe('');
});

test('orders are listed in windows of 15 days, with details of items and tracking', async () => {
  const now = Math.floor(Date.now() / 1000);
  const list = (from: number) => {
    const query = { time_range_field: 'update_time', page_size: '10', cursor: '' };
    return get('/api/v2/order/get_order_list', { ...query, time_from: String(from), time_to: String(now) });
  };
  expect(error(await list(now - 16 * 86_400))).toBe('error_param');
  const page = await list(now - 15 * 86_400);
  expect(listAt(page.body, 'response', 'order_list')).toHaveLength(10);
  expect(field(page.body, 'response', 'more')).toBe(true);
  const order = bench.twin.buyerOrders({ shop, buyer: 'olivia' });
  bench.twin.shipOrder({ shop, orderId: order.id });
  const query = { order_sn_list: order.id, response_optional_fields: 'item_list,total_amount' };
  const detail = await get('/api/v2/order/get_order_detail', query);
  expect(listAt(detail.body, 'response', 'order_list')[0]).toMatchObject({
    order_status: 'SHIPPED',
    item_list: [{ item_sku: order.items[0]?.product.sku }],
  });
  const tracking = await get('/api/v2/logistics/get_tracking_number', { order_sn: order.id });
  expect(textField(tracking.body, 'response', 'tracking_number')).toBe(order.trackingNumber);
});

describe('pictures', () => {
  const upload = async (bytes: Buffer, name = 'file') => {
    const call = { path: `${chat}/upload_image`, form: pictureForm(name, bytes) };
    return (await callPlatform(shop, call)).body;
  };

  test('an uploaded one is stored and served, and only its address can be sent', async () => {
    const url = textField(await upload(png), 'response', 'url');
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(png);
    const { threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') });
    const one = await get(`${chat}/get_one_conversation`, { conversation_id: threadId });
    const to_id = field(one.body, 'response', 'to_id');
    const send = async (image_url: string) =>
      error(await post(`${chat}/send_message`, { to_id, message_type: 'image', content: { image_url } }));
    expect(await send(url)).toBe('');
    expect(await send('https://elsewhere.example/a.png')).toBe('error_param');
  });

  test.each([
    ['a picture that is too large', Buffer.concat([png, Buffer.alloc(2 * 1_048_576)]), 'file'],
    ['a file that is no picture', Buffer.from('<svg/>'), 'file'],
    ['WebP', Buffer.from('52494646240000005745425056503820', 'hex'), 'file'],
    ['another field', png, 'data'],
  ])('%s is refused', async (_, bytes, name) => {
    expect(textField(await upload(bytes, name), 'error')).toBe('error_param');
  });
});
