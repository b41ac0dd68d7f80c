import { describe, expect, test } from '@jest/globals';
import type { Asked } from '../conformance/asked-platform.ts';
import { fetchOrder, listOrders } from './shopee.orders.ts';
import { answer, now, platform, success } from './shopee.samples.ts';

const nowSeconds = now.getTime() / 1_000;
const fifteenDays = 15 * 86_400;

const detail = {
  order_sn: '260101ABCDEF12',
  region: 'SG',
  currency: 'SGD',
  order_status: 'SHIPPED',
  create_time: 1767139200,
  update_time: 1767225600,
  total_amount: 25.9,
  buyer_user_id: 700900001,
  buyer_username: 'buyer_a',
  shipping_carrier: 'Ninja Van',
  recipient_address: {
    name: 'L****n',
    phone: '****12',
    city: 'Singapore',
    region: 'SG',
    zipcode: '238801',
    full_address: '1 Orchard Road',
  },
  item_list: [
    {
      item_id: 42,
      item_name: 'Mug',
      item_sku: 'MUG',
      model_id: 7,
      model_name: 'Blue',
      model_sku: 'MUG-B',
      model_quantity_purchased: 2,
      model_original_price: 15,
      model_discounted_price: 12.95,
      image_info: { image_url: 'https://x.example/mug.png' },
    },
    { item_id: 43, item_name: 'Lid', item_sku: 'LID', model_id: 0, model_sku: '', model_quantity_purchased: 1 },
    { item_id: 43, item_name: 'Lid', item_sku: 'LID', model_id: 0, model_sku: '', model_quantity_purchased: 1 },
  ],
  package_list: [
    { package_number: 'P1', logistics_status: 'LOGISTICS_PICKUP_DONE', shipping_carrier: 'J&T' },
    { package_number: 'P2', logistics_status: 'LOGISTICS_READY' },
  ],
};

function answerOrders({ path, query }: Asked) {
  if (path.endsWith('get_tracking_number')) return success({ tracking_number: `T-${query['package_number'] ?? ''}` });
  const ids = (query['order_sn_list'] ?? '').split(',');
  return success({ order_list: ids.map((id) => ({ ...detail, order_sn: id })) });
}

const onlyOrder = (read: Awaited<ReturnType<typeof fetchOrder>>) => read?.items[0] ?? null;

test('an order is read with its items, recipient and the tracking number of each package', async () => {
  const { context, asked } = platform(answerOrders);
  expect(onlyOrder(await fetchOrder(context, '260101ABCDEF12'))).toEqual({
    externalOrderId: '260101ABCDEF12',
    state: 'shipped',
    platformState: 'SHIPPED',
    buyerExternalId: '700900001',
    buyerName: 'buyer_a',
    total: { amountMinor: '2590', currency: 'SGD' },
    recipient: {
      name: 'L****n',
      phone: '****12',
      fullAddress: '1 Orchard Road',
      city: 'Singapore',
      region: 'SG',
      postalCode: '238801',
      isMasked: true,
    },
    items: [
      {
        externalItemId: '42/7',
        sku: 'MUG-B',
        title: 'Mug',
        variant: 'Blue',
        imageUrl: 'https://x.example/mug.png',
        quantity: 2,
        unitPrice: { amountMinor: '1295', currency: 'SGD' },
      },
      { externalItemId: '43', sku: 'LID', title: 'Lid', variant: null, imageUrl: null, quantity: 1, unitPrice: null },
      {
        externalItemId: '43/line-2',
        sku: 'LID',
        title: 'Lid',
        variant: null,
        imageUrl: null,
        quantity: 1,
        unitPrice: null,
      },
    ],
    shipments: [
      {
        externalShipmentId: 'P1',
        carrier: 'J&T',
        trackingNumber: 'T-P1',
        state: 'in_transit',
        platformState: 'LOGISTICS_PICKUP_DONE',
        updatedAt: null,
      },
      {
        externalShipmentId: 'P2',
        carrier: 'Ninja Van',
        trackingNumber: null,
        state: 'pre_transit',
        platformState: 'LOGISTICS_READY',
        updatedAt: null,
      },
    ],
    placedAt: '2025-12-31T00:00:00.000Z',
    platformUpdatedAt: '2026-01-01T00:00:00.000Z',
  });
  // A package without an arranged pickup has no number, so there is no call for it.
  expect(asked.map(({ path, query }) => [path, query['package_number']])).toEqual([
    ['/api/v2/order/get_order_detail', undefined],
    ['/api/v2/logistics/get_tracking_number', 'P1'],
  ]);
});

describe('states', () => {
  const orderWith = async (changes: object) => {
    const { context } = platform(({ path }) =>
      path.endsWith('get_tracking_number')
        ? success({ tracking_number: '' })
        : success({ order_list: [{ ...detail, ...changes }] }),
    );
    return onlyOrder(await fetchOrder(context, detail.order_sn));
  };

  test.each([
    ['UNPAID', 'pending_payment'],
    ['PENDING', 'on_hold'],
    ['READY_TO_SHIP', 'to_ship'],
    ['RETRY_SHIP', 'to_ship'],
    ['PROCESSED', 'ready'],
    ['SHIPPED', 'shipped'],
    ['TO_CONFIRM_RECEIVE', 'delivered'],
    ['COMPLETED', 'completed'],
    ['IN_CANCEL', 'cancel_requested'],
    ['CANCELLED', 'cancelled'],
    ['TO_RETURN', 'return_open'],
    ['TELEPORTED', 'other'],
  ])('%s is %s', async (platformState, state) => {
    expect(await orderWith({ order_status: platformState })).toMatchObject({ state, platformState });
  });

  test.each([
    ['LOGISTICS_NOT_STARTED', 'pre_transit'],
    ['LOGISTICS_REQUEST_CREATED', 'pre_transit'],
    ['LOGISTICS_PICKUP_DONE', 'in_transit'],
    ['LOGISTICS_PICKUP_FAILED', 'exception'],
    ['LOGISTICS_DELIVERY_DONE', 'delivered'],
    ['LOGISTICS_DELIVERY_FAILED', 'attempt_fail'],
    ['LOGISTICS_LOST', 'exception'],
    ['LOGISTICS_REQUEST_CANCELED', 'cancelled'],
    ['LOGISTICS_TELEPORTED', 'unknown'],
  ])('a package in %s is %s', async (platformState, state) => {
    const packages = [{ package_number: 'P1', logistics_status: platformState }];
    expect(await orderWith({ package_list: packages })).toMatchObject({
      shipments: [{ state, platformState, trackingNumber: null }],
    });
  });
});

test('an order Shopee does not know is null', async () => {
  for (const response of [success({ order_list: [] }), answer({ error: 'error_not_found', message: '' })]) {
    const { context } = platform(() => response);
    expect(await fetchOrder(context, '1')).toBeNull();
  }
});

test('a list that Shopee refuses for one unknown order is read one by one', async () => {
  const { context } = platform((one) => {
    const ids = one.query['order_sn_list'] ?? '';
    if (one.path.endsWith('get_order_list')) {
      return success({ more: false, next_cursor: '', order_list: [{ order_sn: 'A' }, { order_sn: 'gone' }] });
    }
    return ids.includes('gone') ? answer({ error: 'order.not_found', message: '' }) : answerOrders(one);
  });
  const { items } = await listOrders(context, '');
  expect(items.map(({ externalOrderId }) => externalOrderId)).toEqual(['A']);
});

test('a refused tracking number does not hide the order, but a failing server is an error', async () => {
  const trackingAnswers = (error: string) =>
    platform((one) => (one.path.endsWith('get_tracking_number') ? answer({ error, message: '' }) : answerOrders(one)));
  const refused = await fetchOrder(trackingAnswers('error_api_permission').context, '26X');
  expect(onlyOrder(refused)?.shipments[0]?.trackingNumber).toBeNull();
  await expect(fetchOrder(trackingAnswers('error_server').context, '26X')).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

describe('listing changed orders', () => {
  const orderList = (ids: string[], nextCursor: string, more: boolean) =>
    success({ more, next_cursor: nextCursor, order_list: ids.map((id) => ({ order_sn: id })) });
  const lists = (answerList: (asked: Asked) => ReturnType<typeof orderList>) =>
    platform((asked) => (asked.path.endsWith('get_order_list') ? answerList(asked) : answerOrders(asked)));

  test('starts fifteen days back and reads the details of a page in one call', async () => {
    const { context, asked } = lists(() => orderList(['A', 'B'], '', false));
    const found = await listOrders(context, '');
    expect(found.items.map(({ externalOrderId }) => externalOrderId)).toEqual(['A', 'B']);
    expect(found.hasMore).toBe(false);
    expect(asked[0]?.query).toMatchObject({
      time_range_field: 'update_time',
      time_from: String(nowSeconds - fifteenDays),
      time_to: String(nowSeconds),
      page_size: '50',
      cursor: '',
    });
    expect(asked.filter(({ path }) => path.endsWith('get_order_detail'))).toHaveLength(1);
    expect(JSON.parse(found.cursor)).toMatchObject({ sinceMs: (nowSeconds - 600) * 1_000 });
  });

  test('follows the cursor of the platform within one window', async () => {
    const { context, asked } = lists(({ query }) =>
      orderList([], query['cursor'] === '' ? 'p2' : '', query['cursor'] === ''),
    );
    const first = await listOrders(context, '');
    expect(first.hasMore).toBe(true);
    expect((await listOrders(context, first.cursor)).hasMore).toBe(false);
    expect(asked.map(({ query }) => query['cursor'])).toEqual(['', 'p2']);
    expect(asked[1]?.query['time_from']).toBe(asked[0]?.query['time_from']);
  });

  test('an old cursor catches up window by window', async () => {
    const { context, asked } = lists(() => orderList([], '', false));
    const start = nowSeconds - 40 * 86_400;
    let found = await listOrders(context, JSON.stringify({ sinceMs: start * 1_000 }));
    while (found.hasMore) found = await listOrders(context, found.cursor);
    const windows = asked.map(({ query }) => [Number(query['time_from']), Number(query['time_to'])]);
    expect(windows).toEqual([
      [start, start + fifteenDays],
      [start + fifteenDays - 600, start + 2 * fifteenDays - 600],
      [start + 2 * fifteenDays - 1200, nowSeconds],
    ]);
  });

  test('a repeated cursor ends the window', async () => {
    const { context } = lists(() => orderList([], 'same', true));
    const first = await listOrders(context, '');
    expect((await listOrders(context, first.cursor)).hasMore).toBe(false);
  });

  test('a run ends at its page limit and the next one continues from there', async () => {
    let next = 0;
    const { context } = lists(() => orderList([], `p${(next += 1)}`, true));
    let found = await listOrders(context, '');
    let pages = 1;
    for (; found.hasMore; pages += 1) found = await listOrders(context, found.cursor);
    expect(pages).toBe(40);
    expect(JSON.parse(found.cursor)).toMatchObject({ next: 'p40', pages: 0 });
  });
});
