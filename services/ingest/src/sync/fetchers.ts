import type { Buyers, Orders } from '@crossdesk/channels/adapters';
import type { Buyer } from '@crossdesk/contracts';
import { causedBySystem, cleaned, type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { ordersListed } from '../fact.ts';
import { believableBuyer } from '../inbound/believable.ts';
import { publicBuyer } from '../inbound/public-buyer.ts';
import { withWebAddresses } from '../inbound/web-addresses.ts';
import { claimFetches, type DueFetch, endFetch, releaseFetch } from '../order/order.store.ts';
import { parkListed } from '../raw/park-listed.ts';
import {
  claimBuyersDue,
  type DueThread,
  type LockedThread,
  lockThreadOf,
  releaseBuyer,
  saveBuyer,
} from '../thread/thread.store.ts';

/** Fetches orders that a push named without their content. */
export function startOrderFetcher(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log } = deps.runtime;
  return startDueWork({
    name: 'order fetcher',
    pollMs: 500,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimFetches(trx, limit)),
    work: async (due) => {
      const context = await access.open(due.tenant_id, due.account_id);
      const orders = context === null ? null : deps.adapters[context.account.channel].orders;
      if (context === null) await db.asWorker((trx) => releaseFetch(trx, due));
      else if (orders !== null) await fetchOrder(deps, access, due, context, orders);
    },
  });
}

async function fetchOrder(
  deps: IngestDeps,
  access: PlatformAccess,
  due: DueFetch,
  context: AccountContext,
  orders: Orders,
): Promise<void> {
  const { db, clock } = deps.runtime;
  const answer = await readWith(access, context, (fresh) => orders.fetch(fresh, due.external_order_id));
  if (answer === null) return db.asWorker((trx) => releaseFetch(trx, due));
  const { read } = answer;
  const { account } = context;
  await db.asWorker(async (trx) => {
    const receivedAt = clock.now();
    await deps.intake(trx, ordersListed(account, read?.items ?? [], receivedAt));
    await parkListed(trx, account, 'orders', read?.unreadable ?? [], receivedAt);
    await endFetch(trx, due);
  });
}

/** Asks platforms for the buyer of a thread, if the messages do not name them. */
export function startBuyerFetcher(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log } = deps.runtime;
  return startDueWork({
    name: 'buyer fetcher',
    pollMs: 500,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimBuyersDue(trx, limit)),
    work: async (due) => {
      const context = await access.open(due.tenant_id, due.account_id);
      const buyers = context === null ? null : deps.adapters[context.account.channel].buyers;
      if (context === null) await db.asWorker((trx) => releaseBuyer(trx, due));
      else if (buyers !== null) await fetchBuyer(deps, access, due, context, buyers);
    },
  });
}

async function fetchBuyer(
  deps: IngestDeps,
  access: PlatformAccess,
  due: DueThread,
  context: AccountContext,
  buyers: Buyers,
): Promise<void> {
  const { db } = deps.runtime;
  const answer = await readWith(access, context, (fresh) => buyers.fetch(fresh, due.external_thread_id));
  if (answer === null) return db.asWorker((trx) => releaseBuyer(trx, due));
  const { read: buyer } = answer;
  await db.asWorker(async (trx) => {
    const thread = await lockThreadOf(trx, due.tenant_id, due.conversation_id, 1);
    // The platform was asked before the erasure: its answer is not stored.
    if (thread === null || thread.isErased) return;
    const merged = mergeBuyer(thread.buyer, buyer === null ? null : believableBuyer(cleaned(withWebAddresses(buyer))));
    await saveBuyer(trx, thread, merged);
    if (buyer !== null) await tellBuyer(deps, trx, thread, context, merged);
  });
}

/** The known data completed by the platform's answer; the id of the thread's buyer stays. */
function mergeBuyer(known: Buyer, told: Buyer | null): Buyer {
  const news = Object.fromEntries(Object.entries(told ?? {}).filter(([, value]) => value !== null));
  return { ...known, ...news, externalId: known.externalId };
}

async function tellBuyer(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  thread: LockedThread,
  { account }: AccountContext,
  buyer: Buyer,
): Promise<void> {
  const { conversationId, accountId } = thread;
  await runtime.outbox.append(trx, [
    {
      aggregate: thread.nextAggregate(),
      type: 'ingest.buyer-identified',
      origin: causedBySystem(),
      data: { conversationId, accountId, channel: account.channel, buyer: publicBuyer(buyer, account) },
    },
  ]);
}
