import { PlatformRefusal } from '@crossdesk/channels/adapters';
import {
  afterCommit,
  causedOutside,
  crashPoint,
  declareCounter,
  type DueWork,
  startDueWork,
} from '@crossdesk/service-kit';
import { lockAccount, saveVersion } from '../account/account.store.ts';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { IncomingFact } from '../fact.ts';
import { parkListed } from '../raw/park-listed.ts';
import { fetchWaiting, type Receiving } from './fetch-waiting.ts';
import { pushedByNow } from './missed.domain.ts';
import { findUnknown, noteMissed } from './missed.store.ts';
import { readerOf } from './readers.ts';
import { resyncGap } from './resync.commands.ts';
import type { Span } from './resync.domain.ts';
import { claimSyncs, endSync, moveCursor, nextSyncInMs, type SyncRow } from './sync.store.ts';

const leaseMs = 300_000;
const failedAgainMs = 60_000;
/** Limits a poll whose platform never reports the last page. */
const pagesPerTurnMax = 200;

/** Fetches changes at the platforms: orders, and messages that no push brought. Each page commits with its cursor. */
export function startPoller(deps: IngestDeps, access: PlatformAccess, receiving: Receiving, everyMs: number): DueWork {
  const { db, log, clock } = deps.runtime;
  return startDueWork({
    name: 'poller',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker((trx) => nextSyncInMs(trx, clock.now())),
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimSyncs(trx, limit, clock.now(), leaseMs)),
    work: (row) => sync(deps, access, receiving, row, everyMs),
  });
}

async function sync(
  deps: IngestDeps,
  access: PlatformAccess,
  receiving: Receiving,
  row: SyncRow,
  everyMs: number,
): Promise<void> {
  const context = await access.open(row.tenant_id, row.account_id);
  let error: string | null = null;
  let pauseMs: number | null = null;
  try {
    if (context === null) error = 'the account is not connected';
    else {
      if (row.kind === 'messages') await fetchWaiting(deps, access, receiving, row, context);
      await turn(deps, access, row, context);
    }
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
      const gap = await findGap(deps, trx, context, { from, items: page.items });
      await deps.intake(trx, page.items);
      await parkListed(trx, context.account, row.kind, page.unreadable, deps.runtime.clock.now());
      await moveCursor(trx, row, page.cursor);
      if (gap !== null) await tellGap(deps, trx, row, gap);
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

/** What a page had that no push brought. */
interface Gap extends Span {
  readonly count: number;
}

/** Compares a page with what pushes brought, before it is recorded like any other. Null when nothing is missing. */
async function findGap(
  deps: IngestDeps,
  trx: Trx,
  { account }: AccountContext,
  { from, items }: { readonly from: string; readonly items: readonly IncomingFact[] },
): Promise<Gap | null> {
  const now = deps.runtime.clock.now();
  const pushes = deps.adapters[account.channel].webhooks !== null;
  const messages = items.flatMap(({ fact }) => (fact.type === 'message' ? [fact.message] : []));
  return findUnknown(trx, account, pushedByNow(messages, { from, pushes, now }));
}

/** Counts and publishes a gap, and reads what else may have been lost in it. */
async function tellGap(deps: IngestDeps, trx: Trx, row: SyncRow, { count, from, to }: Gap): Promise<void> {
  const { clock, outbox, metrics } = deps.runtime;
  await noteMissed(trx, row, count, clock.now());
  const locked = await lockAccount(trx, row.tenant_id, row.account_id);
  if (locked === null) return;
  const { channel, display_name: displayName, id: accountId } = locked.row;
  const resyncId = await resyncGap(deps, trx, locked.row, { from, to });
  await saveVersion(trx, locked);
  const data = { accountId, channel, displayName, count, from: from.toISOString(), to: to.toISOString(), resyncId };
  await outbox.append(trx, [
    {
      aggregate: locked.aggregate,
      type: 'ingest.gap-found',
      origin: causedOutside({ kind: 'system', id: null }),
      data,
    },
  ]);
  afterCommit(trx, () => counted(metrics).inc({ channel }, count));
}
