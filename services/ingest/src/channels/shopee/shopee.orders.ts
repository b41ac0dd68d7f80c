import type { PlatformOrder } from '@crossdesk/contracts';
import type { Page, PlatformContext } from '../../channel/channel.port.ts';
import { answerJson, boolean, field, integer, list, text } from '../../channel/platform-json.ts';
import { fetchFromShop, getFromShop } from './shopee.call.ts';
import { toRefusal } from './shopee.errors.ts';
import { mayHaveTracking, type Package, readOrder, readPackages } from './shopee.order.ts';

// get_order_list gives 100, get_order_detail takes 50: one page of the list is one call for details.
const ordersPerPage = '50';
const windowSecondsMax = 15 * 86_400;
const overlapSeconds = 600;
const pagesPerRunMax = 40;

const detailFields = [
  'buyer_user_id',
  'buyer_username',
  'recipient_address',
  'item_list',
  'package_list',
  'shipping_carrier',
  'total_amount',
].join(',');

/** Where the reading of changed orders stands: a window of update times and the platform's own position in it. */
interface OrderCursor {
  readonly from: number;
  readonly to: number;
  readonly page: string;
  readonly pages: number;
}

export async function listOrders(context: PlatformContext, cursorText: string): Promise<Page<PlatformOrder>> {
  const now = Math.floor(context.now().getTime() / 1_000);
  const cursor = readCursor(cursorText, now);
  const answer = await fetchFromShop(context, '/api/v2/order/get_order_list', {
    time_range_field: 'update_time',
    time_from: String(cursor.from),
    time_to: String(cursor.to),
    page_size: ordersPerPage,
    cursor: cursor.page,
    request_order_status_pending: 'true',
  });
  const ids = list(field(answer, 'order_list')).map((order) => text(field(order, 'order_sn')));
  const items = await fetchDetails(
    context,
    ids.filter((id) => id !== null),
  );
  return { items, ...following(cursor, answer, now) };
}

export async function fetchOrder(context: PlatformContext, externalOrderId: string): Promise<PlatformOrder | null> {
  const orders = await fetchDetails(context, [externalOrderId]);
  return orders.find((order) => order.externalOrderId === externalOrderId) ?? null;
}

async function fetchDetails(context: PlatformContext, orderIds: readonly string[]): Promise<readonly PlatformOrder[]> {
  if (orderIds.length === 0) return [];
  const answer = await getFromShop(context, '/api/v2/order/get_order_detail', {
    order_sn_list: orderIds.join(','),
    response_optional_fields: detailFields,
    request_order_status_pending: 'true',
  });
  if (!answer.ok && answer.error.kind === 'permanent' && answer.error.word.endsWith('not_found')) return [];
  if (!answer.ok) throw toRefusal(answer.error);
  const orders: PlatformOrder[] = [];
  for (const detail of list(field(answer.value, 'order_list'))) {
    const order = readOrder(detail, await fetchTrackingNumbers(context, detail));
    // Without a number or an instant there is nothing to store it under; it must not hold up the others.
    if (order !== null) orders.push(order);
  }
  return orders;
}

/** One number per package, in the order of the packages; null where the carrier has not answered yet. */
async function fetchTrackingNumbers(context: PlatformContext, detail: unknown): Promise<readonly (string | null)[]> {
  const orderId = text(field(detail, 'order_sn'));
  const numbers: (string | null)[] = [];
  for (const parcel of readPackages(detail)) {
    const isWorthAsking = orderId !== null && mayHaveTracking(parcel);
    numbers.push(isWorthAsking ? await fetchTrackingNumber(context, orderId, parcel) : null);
  }
  return numbers;
}

/** An order is worth having without its tracking number: a lasting refusal of this call does not hide it. */
async function fetchTrackingNumber(context: PlatformContext, orderId: string, parcel: Package): Promise<string | null> {
  const answer = await getFromShop(context, '/api/v2/logistics/get_tracking_number', {
    order_sn: orderId,
    ...(parcel.number === null ? {} : { package_number: parcel.number }),
  });
  if (answer.ok) return text(field(answer.value, 'tracking_number'));
  if (answer.error.kind === 'permanent') return null;
  throw toRefusal(answer.error);
}

function following(cursor: OrderCursor, answer: unknown, now: number): { cursor: string; hasMore: boolean } {
  const page = text(field(answer, 'next_cursor')) ?? '';
  const isWindowRead = boolean(field(answer, 'more')) !== true || page === '' || page === cursor.page;
  const pages = cursor.pages + 1;
  // At the cap the run ends but its position stays: the next run goes on from there and nothing is left out.
  const isAtCap = pages >= pagesPerRunMax;
  if (!isWindowRead)
    return { cursor: JSON.stringify({ ...cursor, page, pages: isAtCap ? 0 : pages }), hasMore: !isAtCap };
  const hasMore = cursor.to < now - overlapSeconds && !isAtCap;
  return { cursor: JSON.stringify({ from: cursor.to - overlapSeconds, pages: hasMore ? pages : 0 }), hasMore };
}

function readCursor(cursorText: string, now: number): OrderCursor {
  const stored = answerJson(cursorText);
  const from = integer(field(stored, 'from')) ?? now - windowSecondsMax;
  return {
    from,
    to: integer(field(stored, 'to')) ?? Math.min(now, from + windowSecondsMax),
    page: text(field(stored, 'page')) ?? '',
    pages: integer(field(stored, 'pages')) ?? 0,
  };
}
