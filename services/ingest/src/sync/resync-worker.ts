import { hasReached, PlatformRefusal } from '@crossdesk/channels/adapters';
import { type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import type { IncomingFact } from '../fact.ts';
import { parkListed } from '../raw/park-listed.ts';
import { countNew } from './missed.store.ts';
import { type ReadPage, readerOf } from './readers.ts';
import { pauseAfter } from './resync.domain.ts';
import { claimParts, nextPartInMs, type ResyncPart, savePart } from './resync.store.ts';

const leaseMs = 300_000;
/** An account that is not connected is looked at again. */
const absentMs = 300_000;

/**
 * Reads lists of platforms again, one page in a turn and with a pause behind it: polls and replies of the account come
 * first. Each page commits with its position, so a killed job goes on where it was.
 */
export function startResyncs(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log, clock } = deps.runtime;
  return startDueWork({
    name: 'resync',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker((trx) => nextPartInMs(trx, clock.now())),
    concurrencyMax: 2,
    log,
    claim: (limit) => db.asWorker((trx) => claimParts(trx, limit, clock.now(), leaseMs)),
    work: (part) => advance(deps, access, part),
  });
}

async function advance(deps: IngestDeps, access: PlatformAccess, part: ResyncPart): Promise<void> {
  try {
    const context = await access.open(part.tenant_id, part.account_id);
    const read = context === null ? null : readerOf(deps, part.kind, context);
    if (context === null) await wait(deps, part, absentMs, 'the account is not connected');
    else if (read === null) await give(deps, part, 'the platform has no such list any more');
    else await turn(deps, access, part, context, read);
  } catch (err) {
    deps.runtime.log.warn({ err, accountId: part.account_id, kind: part.kind }, 'resync failed; it continues later');
    await fail(deps, part, err);
  }
}

async function turn(
  deps: IngestDeps,
  access: PlatformAccess,
  part: ResyncPart,
  context: AccountContext,
  read: ReadPage,
): Promise<void> {
  const { db, clock } = deps.runtime;
  const answer = await readWith(access, context, (fresh) => read(fresh, part.cursor));
  if (answer === null) return wait(deps, part, absentMs, 'the platform refuses the token');
  const page = answer.read;
  const items = page.items.filter(({ fact }) => isWithin(fact, part));
  await db.asWorker(async (trx) => {
    const added = await countNew(trx, context.account, items);
    await deps.intake(trx, items);
    await parkListed(trx, context.account, part.kind, page.unreadable, clock.now());
    const now = clock.now();
    const isOver = hasReached(page.cursor, part.to_at) || page.cursor === part.cursor;
    await savePart(trx, part, {
      state: isOver ? 'done' : 'running',
      ended_at: isOver ? now : null,
      cursor: page.cursor,
      pages: part.pages + 1,
      items: part.items + items.length,
      added: part.added + added,
      failures: 0,
      last_error: null,
      due_at: new Date(now.getTime() + deps.resyncPauseMs),
    });
  });
}

/** Lists begin at a time and have no end. */
function isWithin(fact: IncomingFact['fact'], { from_at, to_at }: ResyncPart): boolean {
  if (fact.type === 'message') return fact.message.occurredAt >= from_at && fact.message.occurredAt <= to_at;
  if (fact.type === 'order') return new Date(fact.order.platformUpdatedAt) <= to_at;
  return false;
}

/** A limit of the platform is no failure of the job. */
async function fail(deps: IngestDeps, part: ResyncPart, err: unknown): Promise<void> {
  const error = err instanceof Error ? err.message.slice(0, 500) : 'unknown error';
  const firstPauseMs = pauseAfter(1) ?? 0;
  if (err instanceof PlatformRefusal && err.kind === 'rate-limited')
    return wait(deps, part, Math.max(firstPauseMs, err.retryAfterMs ?? 0), error);
  const failures = part.failures + 1;
  const pauseMs = pauseAfter(failures);
  if (pauseMs === null) await give(deps, part, error);
  else await wait(deps, { ...part, failures }, pauseMs, error);
}

async function wait({ runtime }: IngestDeps, part: ResyncPart, pauseMs: number, error: string): Promise<void> {
  const due_at = new Date(runtime.clock.now().getTime() + pauseMs);
  await runtime.db.asWorker((trx) => savePart(trx, part, { due_at, failures: part.failures, last_error: error }));
}

async function give({ runtime }: IngestDeps, part: ResyncPart, error: string): Promise<void> {
  const ended = { state: 'failed', last_error: error, ended_at: runtime.clock.now() } as const;
  await runtime.db.asWorker((trx) => savePart(trx, part, ended));
}
