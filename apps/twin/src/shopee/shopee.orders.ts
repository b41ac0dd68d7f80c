import type { Context } from '../platform.port.ts';
import type { Order, OrderStatus, Shop } from '../model.ts';
import { majorText, orderTotalMinor, regions, seconds } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { shopeeAnswer, shopeeOk } from './shopee.entry.ts';

const windowSecondsMax = 15 * 86_400;
const listSizeMax = 100;
const detailSizeMax = 50;

export const shopeeStatus: Readonly<Record<OrderStatus, { order: string; logistics: string }>> = {
  unpaid: { order: 'UNPAID', logistics: 'LOGISTICS_NOT_START' },
  to_ship: { order: 'READY_TO_SHIP', logistics: 'LOGISTICS_READY' },
  shipped: { order: 'SHIPPED', logistics: 'LOGISTICS_PICKUP_DONE' },
  delivered: { order: 'TO_CONFIRM_RECEIVE', logistics: 'LOGISTICS_DELIVERY_DONE' },
  completed: { order: 'COMPLETED', logistics: 'LOGISTICS_DELIVERY_DONE' },
  cancelled: { order: 'CANCELLED', logistics: 'LOGISTICS_REQUEST_CANCELED' },
};

export const shopeeOrderRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/order/get_order_list', isSend: false, handle: listOrders },
  { method: 'GET', path: '/api/v2/order/get_order_detail', isSend: false, handle: orderDetail },
  { method: 'GET', path: '/api/v2/logistics/get_tracking_number', isSend: false, handle: trackingNumber },
];

function listOrders(context: Context, shop: Shop, call: Call): Answer {
  const number = (name: string) => Number(call.query.get(name) ?? Number.NaN);
  const [from, to, size] = [number('time_from'), number('time_to'), number('page_size')];
  const timeField = call.query.get('time_range_field');
  const start = Number(call.query.get('cursor') ?? '');
  const wanted = call.query.get('order_status');
  if (timeField !== 'create_time' && timeField !== 'update_time') {
    return shopeeAnswer('error_param', 'time_range_field must be create_time or update_time.');
  }
  if (!(from <= to) || to - from > windowSecondsMax) {
    return shopeeAnswer('error_param', 'The time range must be at most 15 days.');
  }
  if (!Number.isInteger(size) || size < 1 || size > listSizeMax || !Number.isInteger(start)) {
    return shopeeAnswer('error_param', 'Wrong page_size or cursor.');
  }
  const time = (order: Order) => seconds(timeField === 'create_time' ? order.createdAt : order.updatedAt);
  const matching = context.world
    .orders(shop)
    .filter((order) => time(order) >= from && time(order) <= to)
    .filter((order) => wanted === null || shopeeStatus[order.status].order === wanted)
    .toSorted((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1));
  const page = matching.slice(start, start + size);
  const hasMore = matching.length > start + page.length;
  return shopeeOk({
    more: hasMore,
    next_cursor: hasMore ? String(start + page.length) : '',
    order_list: page.map((order) => ({
      order_sn: order.id,
      order_status: shopeeStatus[order.status].order,
      booking_sn: '',
    })),
  });
}

function orderDetail(context: Context, shop: Shop, call: Call): Answer {
  const ids = (call.query.get('order_sn_list') ?? '').split(',').filter((id) => id !== '');
  const optional = new Set((call.query.get('response_optional_fields') ?? '').split(','));
  if (ids.length === 0 || ids.length > detailSizeMax) {
    return shopeeAnswer('error_param', `order_sn_list must name 1 to ${detailSizeMax} orders.`);
  }
  const orders = ids.map((id) => context.world.order(shop, id)).filter((order) => order !== null);
  if (orders.length === 0) return shopeeAnswer('error_not_found', 'Wrong parameters, the order is not found.');
  return shopeeOk({ order_list: orders.map((order) => orderObject(context, order, optional)) });
}

function orderObject(context: Context, order: Order, optional: ReadonlySet<string>): Record<string, unknown> {
  const chosen = Object.entries(optionalFields(context, order)).filter(([name]) => optional.has(name));
  return {
    order_sn: order.id,
    region: order.shop.region,
    currency: regions[order.shop.region].currency,
    cod: false,
    order_status: shopeeStatus[order.status].order,
    message_to_seller: '',
    create_time: seconds(order.createdAt),
    update_time: seconds(order.updatedAt),
    days_to_ship: 2,
    ship_by_date: seconds(order.createdAt) + 2 * 86_400,
    booking_sn: '',
    reverse_shipping_fee: 0,
    ...Object.fromEntries(chosen),
  };
}

function optionalFields(context: Context, order: Order): Record<string, unknown> {
  const { shop, buyer } = order;
  const place = regions[shop.region];
  return {
    buyer_user_id: Number(buyer.commerceId),
    buyer_username: buyer.name,
    total_amount: Number(majorText(orderTotalMinor(order), shop.region)),
    shipping_carrier: order.carrier,
    payment_method: 'Credit Card',
    pay_time: order.status === 'unpaid' ? null : seconds(order.createdAt) + 60,
    cancel_by: order.status === 'cancelled' ? 'buyer' : '',
    cancel_reason: order.status === 'cancelled' ? 'Change of mind' : '',
    note: '',
    fulfillment_flag: 'fulfilled_by_local_seller',
    recipient_address: {
      name: buyer.name,
      phone: buyer.phone,
      town: '',
      district: '',
      city: place.city,
      state: place.city,
      region: shop.region,
      zipcode: place.zipcode,
      full_address: `${context.seed.random('street', order.id).below(200) + 1} Garden Road, ${place.city} ${place.zipcode}`,
    },
    item_list: order.items.map((item) => itemObject(context, order, item)),
    package_list: [
      {
        package_number: order.packageNumber,
        logistics_status: shopeeStatus[order.status].logistics,
        logistics_channel_id: 18_025,
        shipping_carrier: order.carrier,
        group_shipment_id: 0,
        item_list: order.items.map((item) => ({
          item_id: Number(item.product.id),
          model_id: 0,
          model_quantity: item.quantity,
          order_item_id: Number(item.product.id),
        })),
      },
    ],
  };
}

function itemObject(context: Context, order: Order, item: Order['items'][number]): Record<string, unknown> {
  const price = Number(majorText(item.product.priceMinor, order.shop.region));
  return {
    item_id: Number(item.product.id),
    item_name: item.product.title,
    item_sku: item.product.sku,
    model_id: 0,
    model_name: '',
    model_sku: '',
    model_quantity_purchased: item.quantity,
    model_original_price: price,
    model_discounted_price: price,
    image_info: { image_url: `${context.origin()}/_twin/images/${item.product.sku}.svg` },
    order_item_id: Number(item.product.id),
    line_item_id: 0,
    promotion_group_id: 0,
    weight: 0.5,
  };
}

function trackingNumber(context: Context, shop: Shop, call: Call): Answer {
  const order = context.world.order(shop, call.query.get('order_sn') ?? '');
  const packageNumber = call.query.get('package_number');
  if (order === null || packageNumber === '') return shopeeAnswer('error_param', 'The order or package is not found.');
  if (packageNumber !== null && packageNumber !== order.packageNumber) {
    return shopeeAnswer('error_not_found', 'The package is not found.');
  }
  return shopeeOk({ tracking_number: order.trackingNumber ?? '', plp_number: '', hint: '' });
}
