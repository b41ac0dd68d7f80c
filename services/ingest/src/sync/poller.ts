import { crashPoint, type DueWork, startDueWork } from '@crossdesk/service-kit';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import { type Page, type PlatformContext, PlatformRefusal } from '../channel/channel.port.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { cleaned } from '../inbound/clean-text.ts';
import { inPlatformOrder } from '../inbound/platform-order.ts';
import { recordMessages } from '../inbound/record-messages.ts';
import { recordOrders } from '../order/record-orders.ts';
import { claimSyncs, endSync, moveCursor, type SyncRow } from './sync.store.ts';

const leaseMs = 300_000;
const failedAgainMs = 60_000;
/** A poll that never says "that is all" must not hold its place for ever. */
const pagesPerTurnMax = 200;

/** Fetches what changed at the platforms: orders, and messages that no push brought. Each page commits with its cursor. */
export function startPoller(deps: IngestDeps, access: PlatformAccess, everyMs: number): DueWork {
  const { db, outbox, log, clock } = deps.runtime;

  async function turn(row: SyncRow, opened: PlatformContext): Promise<void> {
    const adapter = deps.adapters[opened.account.channel];
    const { account } = opened;
    let cursor = row.cursor;
    for (let pages = 0; pages < pagesPerTurnMax; pages += 1) {
      const hasMore =
        row.kind === 'orders'
          ? await page(
              (context) => adapter.listOrders(context, cursor),
              (trx, items) =>
                recordOrders(
                  deps,
                  trx,
                  items.map((order) => ({ account, order, traceparent: null })),
                ),
            )
          : await page(
              (context) => adapter.listMessages(context, cursor),
              (trx, items) =>
                recordMessages(
                  deps,
                  trx,
                  inPlatformOrder(items).map((message) => ({
                    account,
                    message,
                    receivedAt: clock.now(),
                    traceparent: null,
                  })),
                ),
            );
      if (!hasMore) return;
    }

    async function page<Item>(
      read: (context: PlatformContext) => Promise<Page<Item>>,
      record: (trx: Trx, items: readonly Item[]) => Promise<unknown>,
    ): Promise<boolean> {
      const answer = await readWith(access, opened, read);
      if (answer === null) throw new PlatformRefusal('unauthorised', 'the platform refuses the token');
      await db.asWorker(async (trx) => {
        await record(trx, cleaned(answer.items));
        await moveCursor(trx, row, answer.cursor);
      });
      outbox.nudge();
      const isStuck = answer.cursor === cursor;
      cursor = answer.cursor;
      return answer.hasMore && !isStuck;
    }
  }

  async function sync(row: SyncRow): Promise<void> {
    const context = await access.open(row.tenant_id, row.account_id);
    let error: string | null = null;
    let pauseMs = everyMs;
    try {
      if (context === null) error = 'the account is not connected';
      else await turn(row, context);
    } catch (err) {
      error = err instanceof Error ? err.message.slice(0, 500) : 'unknown error';
      pauseMs = err instanceof PlatformRefusal ? Math.max(failedAgainMs, err.retryAfterMs ?? 0) : failedAgainMs;
      log.warn({ err, accountId: row.account_id, kind: row.kind }, 'poll failed; it goes on where it stopped');
    }
    crashPoint('poll-turn-ended', 'ingest');
    await db.asWorker((trx) => endSync(trx, row, pauseMs, error));
  }

  return startDueWork({
    name: 'poller',
    pollMs: 1_000,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimSyncs(trx, limit, leaseMs)),
    work: sync,
  });
}
