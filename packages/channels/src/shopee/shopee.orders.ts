import type { PlatformOrder } from '@crossdesk/contracts';
import type { Listed, Page, PlatformContext } from '../port/index.ts';
import { joined } from '../shared/elements.ts';
import { readOrders, told } from '../shared/order-values.ts';
import { toRefusal } from '../shared/platform-error.ts';
import { isNotFound } from './shopee.errors.ts';
import { boolean, field, list, text } from '../shared/platform-json.ts';
import { continueRun, readRun, type RunLimits } from '../shared/run.ts';
import { fetchFromShop, getFromShop } from './shopee.call.ts';
import { mayHaveTracking, type Package, readOrder, readPackages } from './shopee.order.ts';

// get_order_list returns up to 100, get_order_detail takes 50: this way one page needs one call for details.
const ordersPerPage = '50';
const dayMs = 86_400_000;
// The platform takes a window of at most 15 days.
const limits: RunLimits = { firstLookBackMs: 15 * dayMs, windowMsMax: 15 * dayMs, pagesMax: 40 };

const detailFields = [
  'buyer_user_id',
  'buyer_username',
  'recipient_address',
  'item_list',
  'package_list',
  'shipping_carrier',
  'total_amount',
].join(',');

/** One page of the orders whose update time is in the window of the run. */
export async function listOrders(context: PlatformContext, cursor: string): Promise<Page<PlatformOrder>> {
  const run = readRun(cursor, context.now(), limits);
  const answer = await fetchFromShop(context, '/api/v2/order/get_order_list', {
    time_range_field: 'update_time',
    time_from: String(Math.floor(run.sinceMs / 1_000)),
    time_to: String(Math.floor(run.untilMs / 1_000)),
    page_size: ordersPerPage,
    cursor: run.next,
    request_order_status_pending: 'true',
  });
  const ids = list(field(answer, 'order_list')).map((order) => text(field(order, 'order_sn')));
  const orders = await fetchDetails(
    context,
    ids.filter((id) => id !== null),
  );
  const next = boolean(field(answer, 'more')) === true ? (text(field(answer, 'next_cursor')) ?? '') : '';
  return { ...orders, ...continueRun(run, next, context.now(), limits) };
}

export async function fetchOrder(
  context: PlatformContext,
  externalOrderId: string,
): Promise<Listed<PlatformOrder> | null> {
  const { items, unreadable } = await fetchDetails(context, [externalOrderId]);
  const orders = items.filter((order) => order.externalOrderId === externalOrderId);
  return orders.length === 0 && unreadable.length === 0 ? null : { items: orders, unreadable };
}

async function fetchDetails(context: PlatformContext, orderIds: readonly string[]): Promise<Listed<PlatformOrder>> {
  if (orderIds.length === 0) return { items: [], unreadable: [] };
  const answer = await getFromShop(context, '/api/v2/order/get_order_detail', {
    order_sn_list: orderIds.join(','),
    response_optional_fields: detailFields,
    request_order_status_pending: 'true',
  });
  if (!answer.ok && isNotFound(answer.error)) return fetchOneByOne(context, orderIds);
  if (!answer.ok) throw toRefusal(answer.error);
  const details = list(field(answer.value, 'order_list'));
  const numbers = new Map<unknown, readonly (string | null)[]>();
  for (const detail of details) numbers.set(detail, await fetchTrackingNumbers(context, detail));
  return readOrders(details, (detail) => readOrder(detail, numbers.get(detail) ?? []));
}

/** Shopee refuses a whole list for one unknown order. */
async function fetchOneByOne(context: PlatformContext, orderIds: readonly string[]): Promise<Listed<PlatformOrder>> {
  if (orderIds.length === 1) return { items: [], unreadable: [] };
  const read: Listed<PlatformOrder>[] = [];
  for (const orderId of orderIds) read.push(await fetchDetails(context, [orderId]));
  return joined(read);
}

/** One number per package, in the order of the packages; null if the carrier has not given one yet. */
async function fetchTrackingNumbers(context: PlatformContext, detail: unknown): Promise<readonly (string | null)[]> {
  const orderId = text(field(detail, 'order_sn'));
  const numbers: (string | null)[] = [];
  for (const parcel of readPackages(detail)) {
    const isWorthAsking = orderId !== null && mayHaveTracking(parcel);
    numbers.push(isWorthAsking ? await fetchTrackingNumber(context, orderId, parcel) : null);
  }
  return numbers;
}

/** An order without its tracking number is still useful: a permanent refusal of this call does not hide it. */
async function fetchTrackingNumber(context: PlatformContext, orderId: string, parcel: Package): Promise<string | null> {
  const answer = await getFromShop(context, '/api/v2/logistics/get_tracking_number', {
    order_sn: orderId,
    ...(parcel.number === null ? {} : { package_number: parcel.number }),
  });
  if (answer.ok) return told(field(answer.value, 'tracking_number'));
  if (answer.error.kind === 'permanent') return null;
  throw toRefusal(answer.error);
}
