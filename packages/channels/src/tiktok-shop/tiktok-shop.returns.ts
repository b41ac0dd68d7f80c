import type { PlatformOrder } from '@crossdesk/contracts';
import type { Listed, PlatformContext } from '../port/index.ts';
import { toRefusal } from '../shared/platform-error.ts';
import { field, list, text } from '../shared/platform-json.ts';
import { askShop } from './tiktok-shop.call.ts';

const returnsPerPage = '50';
const pagesMax = 5;

/** A return that still needs somebody to act. */
const openStatuses = new Set([
  'RETURN_OR_REFUND_REQUEST_PENDING',
  'AWAITING_BUYER_SHIP',
  'BUYER_SHIPPED_ITEM',
  'AWAITING_BUYER_RESPONSE',
  'REPLACEMENT_REQUEST_PENDING',
]);

/** The orders with an open return or dispute as `return_open`: the order itself does not tell. */
export async function withReturns(
  context: PlatformContext,
  { items, unreadable }: Listed<PlatformOrder>,
): Promise<Listed<PlatformOrder>> {
  if (items.length === 0) return { items, unreadable };
  const open = await openReturns(
    context,
    items.map(({ externalOrderId }) => externalOrderId),
  );
  const shown = items.map((order): PlatformOrder => {
    return open.has(order.externalOrderId) ? { ...order, state: 'return_open' } : order;
  });
  return { items: shown, unreadable };
}

async function openReturns(context: PlatformContext, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  let token = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await askShop(context, {
      path: '/return_refund/202309/returns/search',
      query: { page_size: returnsPerPage, ...(token === '' ? {} : { page_token: token }) },
      body: JSON.stringify({ order_ids: orderIds }),
    });
    // An app without the permission for returns still shows orders.
    if (!answer.ok && answer.error.kind === 'permanent') return open;
    if (!answer.ok) throw toRefusal(answer.error);
    for (const one of list(field(answer.value, 'return_orders'))) {
      const orderId = text(field(one, 'order_id'));
      if (orderId !== null && isOpen(one)) open.add(orderId);
    }
    const next = text(field(answer.value, 'next_page_token')) ?? '';
    if (next === '' || next === token) break;
    token = next;
  }
  return open;
}

function isOpen(one: unknown): boolean {
  const isDisputed = text(field(one, 'arbitration_status')) === 'IN_PROGRESS';
  return isDisputed || openStatuses.has(text(field(one, 'return_status')) ?? '');
}
