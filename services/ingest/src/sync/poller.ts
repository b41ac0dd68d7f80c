import { type Page, PlatformRefusal } from '@crossdesk/channels/adapters';
import { afterCommit, crashPoint, declareCounter, type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { type IncomingFact, messagesListed, ordersListed } from '../fact.ts';
import { parkListed } from '../raw/park-listed.ts';
import { pushedByNow } from './missed.domain.ts';
import { countUnknown, noteMissed } from './missed.store.ts';
import { messageReaderOf } from './readers.ts';
import { claimSyncs, endSync, moveCursor, nextSyncInMs, type SyncRow } from './sync.store.ts';

const leaseMs = 300_000;
const failedAgainMs = 60_000;
/** Limits a poll whose platform never reports the last page. */
const pagesPerTurnMax = 200;

/** Reads one page of the platform's changes after a cursor. */
type ReadPage = (context: AccountContext, cursor: string) => Promise<Page<IncomingFact>>;

/** Fetches changes at the platforms: orders, and messages that no push brought. Each page commits with its cursor. */
export function startPoller(deps: IngestDeps, access: PlatformAccess, everyMs: number): DueWork {
  const { db, log, clock } = deps.runtime;
  return startDueWork({
    name: 'poller',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker((trx) => nextSyncInMs(trx, clock.now())),
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimSyncs(trx, limit, clock.now(), leaseMs)),
    work: (row) => sync(deps, access, row, everyMs),
  });
}

async function sync(deps: IngestDeps, access: PlatformAccess, row: SyncRow, everyMs: number): Promise<void> {
  const context = await access.open(row.tenant_id, row.account_id);
  let error: string | null = null;
  let pauseMs: number | null = null;
  try {
    if (context === null) error = 'the account is not connected';
    else await turn(deps, access, row, context);
  } catch (err) {
    error = err instanceof Error ? err.message.slice(0, 500) : 'unknown error';
    pauseMs = err instanceof PlatformRefusal ? Math.max(failedAgainMs, err.retryAfterMs ?? 0) : failedAgainMs;
    deps.runtime.log.warn(
      { err, accountId: row.account_id, kind: row.kind },
      'poll failed; the next one continues from its cursor',
    );
  }
  crashPoint('poll-turn-ended', 'ingest');
  await deps.runtime.db.asWorker((trx) =>
    endSync(trx, row, { now: deps.runtime.clock.now(), pauseMs, everyMs, error }),
  );
}

async function turn(deps: IngestDeps, access: PlatformAccess, row: SyncRow, context: AccountContext): Promise<void> {
  const { db } = deps.runtime;
  const read = readerOf(deps, row.kind, context);
  let cursor = row.cursor;
  for (let pages = 0; read !== null && pages < pagesPerTurnMax; pages += 1) {
    const from = cursor;
    const answer = await readWith(access, context, (fresh) => read(fresh, from));
    if (answer === null) throw new PlatformRefusal('unauthorised', 'the platform refuses the token');
    const page = answer.read;
    await db.asWorker(async (trx) => {
      await noteGaps(deps, trx, row, context, { from, items: page.items });
      await deps.intake(trx, page.items);
      await parkListed(trx, context.account, row.kind, page.unreadable, deps.runtime.clock.now());
      await moveCursor(trx, row, page.cursor);
    });
    cursor = page.cursor;
    if (!page.hasMore || cursor === from) return;
  }
}

const counted = declareCounter<'channel'>('ingest', {
  name: 'crossdesk_missed_messages_total',
  help: 'Messages that only the list of the platform brought, although it pushes',
  labelNames: ['channel'],
});

/** Compares a page with what pushes brought: what is missing is counted, and recorded like the rest of the page. */
async function noteGaps(
  deps: IngestDeps,
  trx: Trx,
  row: SyncRow,
  { account }: AccountContext,
  { from, items }: { readonly from: string; readonly items: readonly IncomingFact[] },
): Promise<void> {
  const now = deps.runtime.clock.now();
  const pushes = deps.adapters[account.channel].webhooks !== null;
  const messages = items.flatMap(({ fact }) => (fact.type === 'message' ? [fact.message] : []));
  const count = await countUnknown(trx, account, pushedByNow(messages, { from, pushes, now }));
  if (count === 0) return;
  await noteMissed(trx, row, count, now);
  afterCommit(trx, () => counted(deps.runtime.metrics).inc({ channel: account.channel }, count));
}

/** The function that reads pages of a kind from the platform; null if the channel has no such list. */
function readerOf(deps: IngestDeps, kind: SyncRow['kind'], { account }: AccountContext): ReadPage | null {
  const { orders } = deps.adapters[account.channel];
  const { clock } = deps.runtime;
  if (kind === 'orders') {
    if (orders === null) return null;
    return async (context, cursor) => {
      const page = await orders.list(context, cursor);
      return { ...page, items: ordersListed(account, page.items, clock.now()) };
    };
  }
  const list = messageReaderOf(deps, { account });
  if (list === null) return null;
  return async (context, cursor) => {
    const page = await list(context, cursor);
    return { ...page, items: messagesListed(account, page.items, clock.now()) };
  };
}
