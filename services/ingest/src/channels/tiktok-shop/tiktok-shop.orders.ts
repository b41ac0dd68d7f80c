import type { PlatformOrder } from '@crossdesk/contracts';
import type { Page, PlatformContext } from '../../channel/channel.port.ts';
import { answerJson, field, integer, list, text } from '../../channel/platform-json.ts';
import { askShop, fetchFromShop } from './tiktok-shop.call.ts';
import { toRefusal } from './tiktok-shop.errors.ts';
import { readOrder } from './tiktok-shop.order.ts';

const ordersPerPage = '50';
const firstLookBackSeconds = 15 * 86_400;
const overlapSeconds = 600;
const pagesPerRunMax = 40;
const notThisSeller = 21008111;

/** Where the reading of changed orders stands: `token` is the paging position within a run, "" at its start. */
interface OrderCursor {
  readonly from: number;
  readonly startedAt: number;
  readonly token: string;
  readonly pages: number;
}

/** Orders changed since the cursor, oldest change first: what changes while paging moves to the end and is seen again. */
export async function listOrders(context: PlatformContext, cursorText: string): Promise<Page<PlatformOrder>> {
  const cursor = readCursor(cursorText, Math.floor(context.now().getTime() / 1_000));
  const query = { page_size: ordersPerPage, sort_order: 'ASC', sort_field: 'update_time' };
  const data = await fetchFromShop(context, {
    path: '/order/202309/orders/search',
    query: cursor.token === '' ? query : { ...query, page_token: cursor.token },
    body: JSON.stringify({ update_time_ge: cursor.from }),
  });
  const token = text(field(data, 'next_page_token')) ?? '';
  return { items: readOrders(data), ...following(cursor, token) };
}

export async function fetchOrder(context: PlatformContext, externalOrderId: string): Promise<PlatformOrder | null> {
  const call = { path: '/order/202507/orders', query: { ids: externalOrderId }, body: null };
  const answer = await askShop(context, call);
  if (answer.ok) return readOrders(answer.data).find((order) => order.externalOrderId === externalOrderId) ?? null;
  if (answer.error.kind === 'permanent' && answer.error.code === notThisSeller) return null;
  throw toRefusal(answer.error);
}

/** Without an id or an instant there is nothing to store an order under; it must not hold up the others. */
function readOrders(data: unknown): readonly PlatformOrder[] {
  return list(field(data, 'orders'))
    .map(readOrder)
    .filter((order) => order !== null);
}

function following(cursor: OrderCursor, token: string): { cursor: string; hasMore: boolean } {
  if (token === '' || token === cursor.token) {
    return { cursor: JSON.stringify({ from: cursor.startedAt - overlapSeconds }), hasMore: false };
  }
  // At the cap the run ends but its position stays: the next run goes on from there and nothing is left out.
  const pages = cursor.pages + 1;
  const isAtCap = pages >= pagesPerRunMax;
  return { cursor: JSON.stringify({ ...cursor, token, pages: isAtCap ? 0 : pages }), hasMore: !isAtCap };
}

function readCursor(cursorText: string, now: number): OrderCursor {
  const stored = answerJson(cursorText);
  return {
    from: integer(field(stored, 'from')) ?? now - firstLookBackSeconds,
    startedAt: integer(field(stored, 'startedAt')) ?? now,
    token: text(field(stored, 'token')) ?? '',
    pages: integer(field(stored, 'pages')) ?? 0,
  };
}
