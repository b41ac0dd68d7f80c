import type { Context } from '../platform.port.ts';
import { decodeJson, field, textField } from '../json.ts';
import type { Order, OrderStatus, Shop } from '../model.ts';
import { majorText, orderTotalMinor, regions, seconds } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { tiktokAnswer, tiktokOk } from './tiktok-shop.entry.ts';
import { pageOf } from './tiktok-shop.page.ts';

const searchPageMax = 100;
const returnsPageMax = 50;
const idsMax = 50;

const status: Readonly<Record<OrderStatus, { order: string; package: string }>> = {
  unpaid: { order: 'UNPAID', package: 'TO_FULFILL' },
  to_ship: { order: 'AWAITING_SHIPMENT', package: 'TO_FULFILL' },
  shipped: { order: 'IN_TRANSIT', package: 'FULFILLING' },
  delivered: { order: 'DELIVERED', package: 'COMPLETED' },
  completed: { order: 'COMPLETED', package: 'COMPLETED' },
  cancelled: { order: 'CANCELLED', package: 'CANCELLED' },
};

/** Webhooks spell the cancelled state differently from the order API. */
export function pushedStatus(order: Order): string {
  return order.status === 'cancelled' ? 'CANCEL' : status[order.status].order;
}

export const tiktokOrderRoutes: readonly Route[] = [
  { method: 'POST', path: '/order/202309/orders/search', isSend: false, handle: searchOrders },
  { method: 'POST', path: '/return_refund/202309/returns/search', isSend: false, handle: searchReturns },
  { method: 'GET', path: '/order/202507/orders', isSend: false, handle: ordersById },
  { method: 'GET', path: '/order/202309/orders', isSend: false, handle: ordersById },
];

function searchOrders(context: Context, shop: Shop, call: Call): Answer {
  const filter = call.body === '' ? {} : decodeJson(call.body);
  if (filter === undefined) return tiktokAnswer(36009022, 'The body is not valid JSON.');
  const byUpdate = call.query.get('sort_field') === 'update_time';
  const sign = call.query.get('sort_order') === 'ASC' ? 1 : -1;
  const time = (order: Order) => seconds(byUpdate ? order.updatedAt : order.createdAt);
  const matching = context.world
    .orders(shop)
    .filter((order) => fits(order, filter))
    .toSorted((a, b) => sign * (time(a) - time(b)) || (a.id < b.id ? -1 : 1));
  const page = pageOf(matching, call, searchPageMax);
  if (page === null) return tiktokAnswer(36009022, `page_size must be 1 to ${searchPageMax}.`);
  return tiktokOk({
    orders: page.items.map((order) => orderObject(context, order)),
    next_page_token: page.nextPageToken,
    total_count: matching.length,
  });
}

/** No buyer of the twin returns anything. */
function searchReturns(_context: Context, _shop: Shop, call: Call): Answer {
  const page = pageOf([], call, returnsPageMax);
  if (page === null) return tiktokAnswer(36009022, `page_size must be 10 to ${returnsPageMax}.`);
  return tiktokOk({ return_orders: [], next_page_token: page.nextPageToken, total_count: 0 });
}

function fits(order: Order, filter: unknown): boolean {
  const bound = (name: string, otherwise: number) => {
    const value = field(filter, name);
    return typeof value === 'number' ? value : otherwise;
  };
  const [created, updated] = [seconds(order.createdAt), seconds(order.updatedAt)];
  const wanted = textField(filter, 'order_status');
  const buyer = textField(filter, 'buyer_user_id');
  return (
    created >= bound('create_time_ge', 0) &&
    created < bound('create_time_lt', Infinity) &&
    updated >= bound('update_time_ge', 0) &&
    updated < bound('update_time_lt', Infinity) &&
    (wanted === '' || wanted === status[order.status].order) &&
    (buyer === '' || buyer === order.buyer.commerceId)
  );
}

function ordersById(context: Context, shop: Shop, call: Call): Answer {
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0 || ids.length > idsMax) return tiktokAnswer(36009004, `ids must name 1 to ${idsMax} orders.`);
  const orders = ids.map((id) => context.world.order(shop, id)).filter((order) => order !== null);
  return tiktokOk({ orders: orders.map((order) => orderObject(context, order)) });
}

function orderObject(context: Context, order: Order): Record<string, unknown> {
  const { shop, buyer } = order;
  const total = majorText(orderTotalMinor(order), shop.region);
  return {
    id: order.id,
    status: status[order.status].order,
    user_id: buyer.commerceId,
    buyer_email: `${buyer.commerceId}@relay.example.test`,
    buyer_message: '',
    seller_note: '',
    create_time: seconds(order.createdAt),
    update_time: seconds(order.updatedAt),
    ...(order.status === 'unpaid' ? {} : { paid_time: seconds(order.createdAt) + 60 }),
    shipping_type: 'TIKTOK',
    shipping_provider: order.carrier,
    shipping_provider_id: '7117858858072016686',
    tracking_number: order.trackingNumber ?? '',
    fulfillment_type: 'FULFILLMENT_BY_SELLER',
    payment_method_name: 'Credit card',
    is_cod: false,
    is_sample_order: false,
    is_on_hold_order: false,
    is_buyer_request_cancel: false,
    commerce_platform: 'TIKTOK_SHOP',
    packages: [{ id: packageId(context, order) }],
    payment: {
      currency: regions[shop.region].currency,
      sub_total: total,
      shipping_fee: '0.00',
      tax: '0.00',
      total_amount: total,
      original_total_product_price: total,
      original_shipping_fee: '0.00',
      seller_discount: '0.00',
      platform_discount: '0.00',
    },
    line_items: lineItems(context, order),
    ...(order.status === 'unpaid' ? {} : { recipient_address: recipient(context, order) }),
  };
}

/** One line per unit. */
function lineItems(context: Context, order: Order): Record<string, unknown>[] {
  const units = order.items.flatMap((item) => Array.from({ length: item.quantity }, () => item.product));
  return units.map((product, index) => {
    const price = majorText(product.priceMinor, order.shop.region);
    return {
      id: context.seed.digits(18, 'tiktok-line', order.id, String(index)),
      sku_id: context.seed.digits(18, 'tiktok-sku', product.id),
      product_id: product.id,
      product_name: product.title,
      sku_name: 'Default',
      seller_sku: product.sku,
      sku_image: `${context.origin()}/_twin/images/${product.sku}.svg`,
      original_price: price,
      sale_price: price,
      currency: regions[order.shop.region].currency,
      display_status: status[order.status].order,
      package_id: packageId(context, order),
      package_status: status[order.status].package,
      tracking_number: order.trackingNumber ?? '',
      shipping_provider_id: '7117858858072016686',
      shipping_provider_name: order.carrier,
      is_gift: false,
    };
  });
}

export function packageId(context: Context, order: Order): string {
  return context.seed.digits(18, 'tiktok-package', order.id);
}

function recipient(context: Context, order: Order): Record<string, unknown> {
  const place = regions[order.shop.region];
  const line = `${context.seed.random('street', order.id).below(200) + 1} Garden Road`;
  return {
    full_address: `${line}, ${place.city} ${place.zipcode}`,
    name: order.buyer.name,
    first_name: order.buyer.name.split(' ')[0] ?? '',
    last_name: order.buyer.name.split(' ').slice(1).join(' '),
    phone_number: `(+${place.dial})${order.buyer.phone.slice(place.dial.length)}`,
    postal_code: place.zipcode,
    region_code: order.shop.region,
    address_detail: line,
    address_line1: line,
    address_line2: '',
    address_line3: '',
    address_line4: '',
    district_info: [
      { address_level: 'L0', address_level_name: 'Country', address_name: order.shop.region },
      { address_level: 'L1', address_level_name: 'City', address_name: place.city },
    ],
  };
}
