import { causedOutside, type DueWork, startDueWork } from '@crossdesk/service-kit';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { cleaned } from '../inbound/clean-text.ts';
import { claimBuyersDue, type DueThread, lockThreadOf, saveBuyer } from '../inbound/thread.store.ts';
import { claimFetches, type DueFetch, endFetch } from '../order/order.store.ts';
import { recordOrders } from '../order/record-orders.ts';

/** Fetches orders that a push named without telling them. */
export function startOrderFetcher(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, outbox, log } = deps.runtime;

  async function fetchOrder(due: DueFetch): Promise<void> {
    const context = await access.open(due.tenant_id, due.account_id);
    if (context === null) return;
    const adapter = deps.adapters[context.account.channel];
    const order = await readWith(access, context, (fresh) => adapter.fetchOrder(fresh, due.external_order_id));
    await db.asWorker(async (trx) => {
      if (order !== null)
        await recordOrders(deps, trx, [{ account: context.account, order: cleaned(order), traceparent: null }]);
      await endFetch(trx, due);
    });
    outbox.nudge();
  }

  return startDueWork({
    name: 'order fetcher',
    pollMs: 500,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimFetches(trx, limit)),
    work: fetchOrder,
  });
}

/** Asks platforms who the buyer of a thread is, where his messages do not say. */
export function startBuyerFetcher(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, outbox, log } = deps.runtime;

  async function fetchBuyer(due: DueThread): Promise<void> {
    const context = await access.open(due.tenant_id, due.account_id);
    if (context === null) return;
    const { account } = context;
    const adapter = deps.adapters[account.channel];
    const buyer = await readWith(access, context, (fresh) => adapter.fetchBuyer(fresh, due.external_thread_id));
    await db.asWorker(async (trx) => {
      const thread = await lockThreadOf(trx, due.tenant_id, due.conversation_id, 1);
      // The answer was asked for before the erasure.
      if (thread === null || thread.isErased) return;
      const known = Object.fromEntries(Object.entries(cleaned(buyer ?? {})).filter(([, value]) => value !== null));
      const merged = { ...thread.buyer, ...known, externalId: thread.buyer.externalId };
      await saveBuyer(trx, thread, merged);
      if (buyer === null) return;
      await deps.runtime.outbox.append(trx, [
        {
          aggregate: thread.nextAggregate(),
          type: 'ingest.buyer-identified',
          origin: causedOutside({ kind: 'system', id: null }),
          data: {
            conversationId: thread.conversationId,
            accountId: thread.accountId,
            channel: account.channel,
            buyer: merged,
          },
        },
      ]);
    });
    outbox.nudge();
  }

  return startDueWork({
    name: 'buyer fetcher',
    pollMs: 500,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimBuyersDue(trx, limit)),
    work: fetchBuyer,
  });
}
