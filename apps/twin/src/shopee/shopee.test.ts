import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { field, textField } from '../json.ts';
import { signPush } from './shopee.sign.ts';
import { callShopee, listAt, startBench, type Bench } from '../testing.ts';
import type { ConnectedShop } from '../twin.ts';

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

async function sendText(words: string, buyer = 'olivia') {
  const { threadId } = bench.twin.buyerSays({ shop, buyer, content: text('hello?') });
  const one = await callShopee(shop, `${chat}/get_one_conversation`, { query: { conversation_id: threadId } });
  const to_id = field(one.body, 'response', 'to_id');
  return callShopee(shop, `${chat}/send_message`, { body: { to_id, message_type: 'text', content: { text: words } } });
}

test('a wrong signature, a wrong token and a skewed clock are refused', async () => {
  const path = `${chat}/get_one_conversation`;
  expect(error(await callShopee(shop, path, { sign: '0'.repeat(64) }))).toBe('error_sign');
  expect(error(await callShopee(shop, path, { accessToken: 'f'.repeat(60) }))).toBe('invalid_acceess_token');
  expect(error(await callShopee(shop, path, { timestamp: Math.floor(Date.now() / 1000) - 301 }))).toBe('error_param');
});

test('a push is signed over the callback address and carries what the buyer wrote', async () => {
  const said = bench.twin.buyerSays({ shop, buyer: 'wei', content: text('什么时候发货？') });
  const [delivery] = await bench.receiver.count(1);
  expect(delivery?.headers['authorization']).toBe(
    signPush(shop.credentials['partner_key'] ?? '', delivery?.url ?? '', delivery?.raw ?? ''),
  );
  expect(delivery?.body).toMatchObject({
    code: 10,
    data: {
      content: { message_id: said.messageId, conversation_id: said.threadId, content: { text: '什么时候发货？' } },
    },
  });
});

test('a send is executed once, recorded as it was, and pushed back as an echo', async () => {
  const answer = await sendText('on its way');
  expect(error(answer)).toBe('');
  await bench.twin.settled();
  expect(bench.twin.journal()).toMatchObject([
    { platform: 'shopee', text: 'on its way', messageId: textField(answer.body, 'response', 'message_id') },
  ]);
  const pushed = bench.receiver.deliveries.map((one) => textField(one.body, 'data', 'content', 'message_id'));
  expect(pushed).toContain(textField(answer.body, 'response', 'message_id'));
});

test('an echo can come before the API answers', async () => {
  bench.twin.setEchoes('shopee', 'before-answer');
  const answer = await sendText('first the echo');
  const id = textField(answer.body, 'response', 'message_id');
  expect(bench.receiver.deliveries.map((one) => textField(one.body, 'data', 'content', 'message_id'))).toContain(id);
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
    const page = await callShopee(shop, `${chat}/get_message`, { query });
    found.push(...listAt(page.body, 'response', 'messages').map((one) => textField(one, 'message_id')));
    offset = textField(page.body, 'response', 'page_result', 'next_offset');
    if (offset === '') break;
  }
  expect(found).toEqual(ids);
});

test('conversations are paged by nanoseconds; "older" without a cursor returns nothing', async () => {
  for (const buyer of ['a', 'b', 'c']) bench.twin.buyerSays({ shop, buyer, content: text('hi') });
  const list = (query: Record<string, string>) =>
    callShopee(shop, `${chat}/get_conversation_list`, { query: { type: 'all', page_size: '2', ...query } });
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
  const refreshed = await callShopee(shop, '/api/v2/auth/access_token/get', { body });
  const again = await callShopee(shop, '/api/v2/auth/access_token/get', { body });
  expect(error(refreshed)).toBe('');
  expect(field(refreshed.body, 'expire_in')).toBe(14_400);
  expect(error(again)).toBe('refresh_token_expired');
  const accessToken = textField(refreshed.body, 'access_token');
  expect(
    error(
      await callShopee(shop, `${chat}/get_conversation_list`, {
        accessToken,
        query: { direction: 'latest', type: 'all' },
      }),
    ),
  ).toBe('');
});

test('orders are listed in windows of 15 days, and detailed with items and tracking', async () => {
  const now = Math.floor(Date.now() / 1000);
  const list = (from: number) =>
    callShopee(shop, '/api/v2/order/get_order_list', {
      query: {
        time_range_field: 'update_time',
        time_from: String(from),
        time_to: String(now),
        page_size: '10',
        cursor: '',
      },
    });
  expect(error(await list(now - 16 * 86_400))).toBe('error_param');
  const page = await list(now - 15 * 86_400);
  expect(listAt(page.body, 'response', 'order_list')).toHaveLength(10);
  expect(field(page.body, 'response', 'more')).toBe(true);
  const order = bench.twin.buyerOrders({ shop, buyer: 'olivia' });
  bench.twin.shipOrder({ shop, orderId: order.id });
  const detail = await callShopee(shop, '/api/v2/order/get_order_detail', {
    query: { order_sn_list: order.id, response_optional_fields: 'item_list,total_amount' },
  });
  expect(listAt(detail.body, 'response', 'order_list')[0]).toMatchObject({
    order_status: 'SHIPPED',
    item_list: [{ item_sku: order.items[0]?.product.sku }],
  });
  const tracking = await callShopee(shop, '/api/v2/logistics/get_tracking_number', { query: { order_sn: order.id } });
  expect(textField(tracking.body, 'response', 'tracking_number')).toBe(order.trackingNumber);
});
