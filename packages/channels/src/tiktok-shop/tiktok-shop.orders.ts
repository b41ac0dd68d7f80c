import type { PlatformOrder } from '@crossdesk/contracts';
import type { Listed, Page, PlatformContext } from '../port/index.ts';
import { readOrders } from '../shared/order-values.ts';
import { toRefusal } from '../shared/platform-error.ts';
import { field, text } from '../shared/platform-json.ts';
import { continueRun, readRun, type RunLimits } from '../shared/run.ts';
import { askShop, fetchFromShop } from './tiktok-shop.call.ts';
import { readOrder } from './tiktok-shop.order.ts';
import { withReturns } from './tiktok-shop.returns.ts';

const ordersPerPage = '50';
const limits: RunLimits = { firstLookBackMs: 15 * 86_400_000, windowMsMax: null, pagesMax: 40 };
const notThisSeller = '21008111';

/** Orders changed since the cursor, oldest change first: an order that changes meanwhile moves to the end and is reread. */
export async function listOrders(context: PlatformContext, cursor: string): Promise<Page<PlatformOrder>> {
  const run = readRun(cursor, context.now(), limits);
  const query = { page_size: ordersPerPage, sort_order: 'ASC', sort_field: 'update_time' };
  const data = await fetchFromShop(context, {
    path: '/order/202309/orders/search',
    query: run.next === '' ? query : { ...query, page_token: run.next },
    body: JSON.stringify({ update_time_ge: Math.floor(run.sinceMs / 1_000) }),
  });
  const next = text(field(data, 'next_page_token')) ?? '';
  const orders = await withReturns(context, readOrders(field(data, 'orders'), readOrder));
  return { ...orders, ...continueRun(run, next, context.now(), limits) };
}

export async function fetchOrder(
  context: PlatformContext,
  externalOrderId: string,
): Promise<Listed<PlatformOrder> | null> {
  const call = { path: '/order/202507/orders', query: { ids: externalOrderId }, body: null };
  const answer = await askShop(context, call);
  if (answer.ok) {
    const { items, unreadable } = readOrders(field(answer.value, 'orders'), readOrder);
    const orders = items.filter((order) => order.externalOrderId === externalOrderId);
    if (orders.length === 0 && unreadable.length === 0) return null;
    return withReturns(context, { items: orders, unreadable });
  }
  if (answer.error.kind === 'permanent' && answer.error.code === notThisSeller) return null;
  throw toRefusal(answer.error);
}
