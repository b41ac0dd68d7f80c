import { describe, expect, test } from '@jest/globals';
import { UnparsableDelivery } from '../port/index.ts';
import { readOrder as readOrderAndProblems, readOrderAgain } from './tiktok-shop.order.ts';
import { fetchOrder, listOrders } from './tiktok-shop.orders.ts';
import { failure, nowSeconds, platform, success } from './tiktok-shop.samples.ts';

const readOrder = (value: unknown) => readOrderAndProblems(value).order;

const unit = (id: string, changes: object = {}) => ({
  id,
  sku_id: 's1',
  product_id: 'p1',
  product_name: 'Lamp',
  sku_name: 'Red',
  seller_sku: 'LAMP-R',
  sku_image: 'https://cdn/lamp.jpg',
  original_price: '19.90',
  sale_price: '12.50',
  currency: 'SGD',
  package_id: 'k1',
  package_status: 'FULFILLING',
  tracking_number: 'T1',
  shipping_provider_name: 'Ninja',
  ...changes,
});
const order = (changes: object = {}) => ({
  id: '576461413038785752',
  status: 'IN_TRANSIT',
  user_id: '7495001',
  create_time: nowSeconds - 86_400,
  update_time: nowSeconds - 60,
  payment: { currency: 'SGD', total_amount: '37.50' },
  packages: [{ id: 'k1' }],
  line_items: [unit('2'), unit('1'), unit('3', { sale_price: '0.00' })],
  recipient_address: {
    name: 'A** T**',
    phone_number: '(+65)****1234',
    full_address: '** Garden Road, Singapore',
    postal_code: '01****',
    region_code: 'SG',
    district_info: [
      { address_level: 'L0', address_level_name: 'Country', address_name: 'Singapore' },
      { address_level: 'L1', address_level_name: 'City', address_name: 'Singapore City' },
    ],
  },
  ...changes,
});

describe('reading an order', () => {
  test('maps the whole order, equal units as one line', () => {
    expect(readOrder(order())).toEqual({
      externalOrderId: '576461413038785752',
      state: 'shipped',
      platformState: 'IN_TRANSIT',
      buyerExternalId: '7495001',
      buyerName: null,
      total: { amountMinor: '3750', currency: 'SGD' },
      recipient: {
        name: 'A** T**',
        phone: '(+65)****1234',
        fullAddress: '** Garden Road, Singapore',
        city: 'Singapore City',
        region: 'SG',
        postalCode: '01****',
        isMasked: true,
      },
      items: [
        {
          externalItemId: '1',
          sku: 'LAMP-R',
          title: 'Lamp',
          variant: 'Red',
          imageUrl: 'https://cdn/lamp.jpg',
          quantity: 2,
          unitPrice: { amountMinor: '1250', currency: 'SGD' },
        },
        expect.objectContaining({
          externalItemId: '3',
          quantity: 1,
          unitPrice: { amountMinor: '0', currency: 'SGD' },
        }),
      ],
      shipments: [
        {
          externalShipmentId: 'k1',
          carrier: 'Ninja',
          trackingNumber: 'T1',
          state: 'in_transit',
          platformState: 'FULFILLING',
          updatedAt: null,
        },
      ],
      placedAt: '2025-12-31T00:00:00.000Z',
      platformUpdatedAt: '2025-12-31T23:59:00.000Z',
    });
  });

  test.each([
    ['UNPAID', 'pending_payment'],
    ['ON_HOLD', 'on_hold'],
    ['AWAITING_SHIPMENT', 'to_ship'],
    ['PARTIALLY_SHIPPING', 'part_shipped'],
    ['AWAITING_COLLECTION', 'ready'],
    ['IN_TRANSIT', 'shipped'],
    ['DELIVERED', 'delivered'],
    ['COMPLETED', 'completed'],
    ['CANCELLED', 'cancelled'],
    ['CANCEL', 'cancelled'],
    ['TELEPORTED', 'other'],
  ])('%s is %s', (status, state) => {
    expect(readOrder(order({ status }))).toMatchObject({ state, platformState: status });
  });

  test('a request to cancel is shown until it is decided', () => {
    const requested = (status: string) => readOrder(order({ status, is_buyer_request_cancel: true })).state;
    expect(requested('AWAITING_SHIPMENT')).toBe('cancel_requested');
    expect(requested('CANCELLED')).toBe('cancelled');
    expect(requested('DELIVERED')).toBe('delivered');
  });

  test.each([
    ['TO_FULFILL', 'pre_transit'],
    ['PROCESSING', 'pre_transit'],
    ['FULFILLING', 'in_transit'],
    ['COMPLETED', 'delivered'],
    ['CANCELLED', 'cancelled'],
    ['LOST_IN_SPACE', 'unknown'],
  ])('a package that is %s is %s', (package_status, state) => {
    const line_items = [unit('1', { package_status })];
    expect(readOrder(order({ line_items })).shipments).toMatchObject([{ state, platformState: package_status }]);
  });

  test('the same product in two packages is two lines and two shipments', () => {
    const line_items = [unit('1'), unit('2', { package_id: 'k2', package_status: 'PROCESSING', tracking_number: '' })];
    const read = readOrder(order({ line_items }));
    expect(read.items.map(({ quantity }) => quantity)).toEqual([1, 1]);
    expect(read.shipments).toMatchObject([
      { externalShipmentId: 'k1', trackingNumber: 'T1' },
      { externalShipmentId: 'k2', trackingNumber: null, state: 'pre_transit' },
    ]);
  });

  test('the only package takes missing shipping data from the order', () => {
    const changes = { line_items: [], shipping_provider: 'Ninja', tracking_number: 'T9' };
    expect(readOrder(order(changes)).shipments).toMatchObject([
      { externalShipmentId: 'k1', carrier: 'Ninja', trackingNumber: 'T9', state: 'unknown' },
    ]);
  });

  test('a package that the order and its units name by different ids is one shipment', () => {
    const packages = [{ id: '1154321' }];
    expect(readOrder(order({ packages, line_items: [unit('1'), unit('2')] })).shipments).toMatchObject([
      { externalShipmentId: 'k1', trackingNumber: 'T1' },
    ]);
    const line_items = [unit('1'), unit('2', { package_id: '-', tracking_number: '-' })];
    expect(readOrder(order({ packages, line_items })).shipments).toMatchObject([
      { externalShipmentId: 'k1', trackingNumber: 'T1' },
      { externalShipmentId: '1154321', trackingNumber: null },
    ]);
  });

  test('an amount that cannot be read is noted, and the order is shown', () => {
    const payment = { currency: 'JPY', total_amount: '250.5' };
    const { order: read, problems } = readOrderAndProblems(order({ payment }));
    expect(read.total).toBeNull();
    expect(problems).toEqual([
      { at: 'payment.total_amount', reason: 'the amount has more decimals than its currency' },
    ]);
  });

  test('units without a package have no shipment yet', () => {
    const line_items = [unit('1', { package_id: '' })];
    expect(readOrder(order({ packages: [], line_items })).shipments).toEqual([]);
  });

  test('an order without a recipient has none, and a readable recipient is not masked', () => {
    expect(readOrder(order({ recipient_address: undefined })).recipient).toBeNull();
    const recipient_address = { first_name: 'Ana', last_name: 'Tan', post_town: 'Leeds', region_code: 'GB' };
    expect(readOrder(order({ recipient_address })).recipient).toMatchObject({
      name: 'Ana Tan',
      city: 'Leeds',
      isMasked: false,
    });
  });

  test('a currency without decimals keeps whole amounts', () => {
    const payment = { currency: 'VND', total_amount: '250000' };
    expect(readOrder(order({ payment })).total).toEqual({ amountMinor: '250000', currency: 'VND' });
  });

  test('an order without id or instants cannot be read', () => {
    expect(() => readOrder(order({ id: '' }))).toThrow('id is missing');
    expect(() => readOrder(order({ create_time: 0, update_time: null }))).toThrow('create_time and update_time');
    expect(() => readOrder(null)).toThrow(UnparsableDelivery);
  });
});

describe('returns', () => {
  const withReturn = (value: object) =>
    platform(({ path }) =>
      path.endsWith('returns/search') ? success({ return_orders: [value] }) : success({ orders: [order()] }),
    );
  const order_id = '576461413038785752';
  test.each([
    [{ order_id, return_status: 'RETURN_OR_REFUND_REQUEST_PENDING' }, 'return_open'],
    [{ order_id, return_status: 'REFUND_OR_RETURN_REQUEST_REJECT', arbitration_status: 'IN_PROGRESS' }, 'return_open'],
    [{ order_id, return_status: 'RETURN_OR_REFUND_REQUEST_COMPLETE' }, 'shipped'],
    [{ order_id: '1', return_status: 'RETURN_OR_REFUND_REQUEST_PENDING' }, 'shipped'],
  ])('with %j the order is %s', async (value, state) => {
    const { context } = withReturn(value);
    expect((await fetchOrder(context, order_id))?.items).toMatchObject([{ state }]);
    expect((await listOrders(context, '')).items).toMatchObject([{ state }]);
  });

  test('an app without the permission for returns still shows orders', async () => {
    const { context } = platform(({ path }) =>
      path.endsWith('returns/search') ? failure(36009010) : success({ orders: [order()] }),
    );
    expect((await fetchOrder(context, order_id))?.items).toMatchObject([{ state: 'shipped' }]);
  });
});

describe('listing changed orders', () => {
  test('reads the last fifteen days, oldest change first, and starts the next run a little earlier', async () => {
    const { context, asked } = platform(() => success({ orders: [order(), { id: 'broken' }], next_page_token: '' }));
    const { items, unreadable, cursor, hasMore } = await listOrders(context, '');
    expect(items.map(({ externalOrderId }) => externalOrderId)).toEqual(['576461413038785752']);
    const reason = 'create_time and update_time are missing or malformed';
    expect(unreadable).toEqual([{ reason, raw: '{"id":"broken"}' }]);
    expect(readOrderAgain(context.account, unreadable[0]?.raw ?? '').unreadable).toEqual(unreadable);
    expect(hasMore).toBe(false);
    expect(JSON.parse(cursor)).toEqual({ sinceMs: (nowSeconds - 600) * 1_000 });
    expect(asked).toMatchObject([
      {
        path: '/order/202309/orders/search',
        query: { page_size: '50', sort_order: 'ASC', sort_field: 'update_time' },
        body: `{"update_time_ge":${nowSeconds - 15 * 86_400}}`,
        request: { method: 'POST' },
      },
      { path: '/return_refund/202309/returns/search' },
    ]);
  });

  test('reads the pages of one filter, and a page that repeats its token ends the run', async () => {
    const { context, asked } = platform(() => success({ orders: [], next_page_token: 'p2' }));
    const first = await listOrders(context, '{"sinceMs":1767000000000}');
    expect(first.hasMore).toBe(true);
    const second = await listOrders(context, first.cursor);
    expect(second.hasMore).toBe(false);
    expect(asked.map(({ query }) => query['page_token'])).toEqual([undefined, 'p2']);
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set(['{"update_time_ge":1767000000}']));
  });

  test('a run ends at its page limit and the next one continues from there', async () => {
    let token = 0;
    const { context, asked } = platform(() => success({ orders: [], next_page_token: String((token += 1)) }));
    let run = await listOrders(context, '');
    while (run.hasMore) run = await listOrders(context, run.cursor);
    expect(asked).toHaveLength(40);
    await listOrders(context, run.cursor);
    expect(asked.at(-1)?.query['page_token']).toBe('40');
  });

  test.each([
    [105002, 'unauthorised'],
    [36009002, 'rate-limited'],
    [10002014, 'unavailable'],
    [105005, 'permanent'],
  ])('error %i is a refusal: %s', async (code, kind) => {
    await expect(listOrders(platform(() => failure(code)).context, '')).rejects.toMatchObject({ kind });
  });
});

describe('fetching an order', () => {
  test('reads by id, with the signature of the published vector', async () => {
    const { context, asked } = platform(() => success({ orders: [order()] }));
    expect(await fetchOrder(context, '576461413038785752')).toMatchObject({
      items: [{ externalOrderId: '576461413038785752' }],
    });
    expect(asked).toMatchObject([
      {
        path: '/order/202507/orders',
        query: {
          ids: '576461413038785752',
          sign: 'bb851e61cc80623b08202770806bfa6e831ed80b04e4007d0d701d5769850da0',
        },
        request: { method: 'GET', body: null },
      },
      { path: '/return_refund/202309/returns/search', body: '{"order_ids":["576461413038785752"]}' },
    ]);
  });

  test('an unknown order or one of another seller is null', async () => {
    expect(await fetchOrder(platform(() => success({ orders: [] })).context, '57')).toBeNull();
    expect(await fetchOrder(platform(() => failure(21008111)).context, '57')).toBeNull();
    await expect(fetchOrder(platform(() => failure(10006402)).context, '57')).rejects.toMatchObject({
      kind: 'permanent',
    });
  });
});
