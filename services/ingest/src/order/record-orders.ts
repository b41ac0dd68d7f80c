import type { PlatformOrder } from '@crossdesk/contracts';
import { causedOutside, type EventDraft, type Origin } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountName } from '../fact.ts';
import { type SavedOrder, saveOrders } from './order.store.ts';

export interface IncomingOrder {
  readonly account: AccountName;
  readonly order: PlatformOrder;
  /** The trace of the webhook that brought it; null if it was fetched, and while nothing is traced. */
  readonly traceparent: string | null;
}

/** Records orders that came by push or fetch; only new or changed ones become events. */
export async function recordOrders(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  incoming: readonly IncomingOrder[],
): Promise<void> {
  const { clock, outbox } = deps.runtime;
  const latest = [...incoming].sort((a, b) => a.order.platformUpdatedAt.localeCompare(b.order.platformUpdatedAt));
  const nameOf = (accountId: string, externalOrderId: string) => `${accountId} ${externalOrderId}`;
  const unique = new Map(latest.map((item) => [nameOf(item.account.id, item.order.externalOrderId), item]));
  const saved = await saveOrders(
    trx,
    [...unique.values()].map(({ account, order }) => ({
      tenantId: account.tenantId,
      accountId: account.id,
      channel: account.channel,
      order,
    })),
    clock.now(),
  );
  await outbox.append(
    trx,
    saved.map((order) => {
      const { row } = order;
      const cause = unique.get(nameOf(row.account_id, row.external_order_id))?.traceparent;
      return orderUpdated(order, causedOutside({ kind: 'system', id: null }, cause));
    }),
  );
}

export function orderUpdated({ row, aggregate }: SavedOrder, origin: Origin): EventDraft<'ingest.order-updated'> {
  return {
    aggregate,
    type: 'ingest.order-updated',
    origin,
    occurredAt: row.platform_updated_at,
    data: { ...row.snapshot, orderId: row.order_id, accountId: row.account_id, channel: row.channel },
  };
}
