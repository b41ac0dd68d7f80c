import type { PlatformOrder } from '@crossdesk/contracts';
import { causedOutside } from '@crossdesk/service-kit';
import type { ChannelAccount } from '../channel/channel.port.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { saveOrders } from './order.store.ts';

export interface IncomingOrder {
  readonly account: Pick<ChannelAccount, 'id' | 'tenantId' | 'channel'>;
  readonly order: PlatformOrder;
}

/** Records orders that came by push or fetch; only what is new or changed becomes an event. */
export async function recordOrders(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  incoming: readonly IncomingOrder[],
): Promise<void> {
  const { clock, outbox } = deps.runtime;
  const latest = [...incoming].sort((a, b) => a.order.platformUpdatedAt.localeCompare(b.order.platformUpdatedAt));
  const unique = new Map(latest.map((item) => [`${item.account.id} ${item.order.externalOrderId}`, item]));
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
  const origin = causedOutside({ kind: 'system', id: null });
  await outbox.append(
    trx,
    saved.map(({ row, aggregate }) => ({
      aggregate,
      type: 'ingest.order-updated' as const,
      origin,
      occurredAt: row.platform_updated_at,
      data: { ...row.snapshot, orderId: row.order_id, accountId: row.account_id, channel: row.channel },
    })),
  );
}
