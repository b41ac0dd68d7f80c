import { cursorSince } from '@crossdesk/channels/adapters';
import { type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse } from '@crossdesk/service-kit';
import { noAccount, syncKinds } from '../account/account.commands.ts';
import { type AccountRow, findAccounts, lockAccount } from '../account/account.store.ts';
import type { DB, Row, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ResyncId } from '../ids.ts';
import { chooseSpan, type Span, spanOfGap } from './resync.domain.ts';
import { hasBackfill, insertResync, type ResyncRow, runningOf } from './resync.store.ts';

type Kind = Row<'resync_part'>['kind'];
type ResyncDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/** More jobs of one account would only compete for its quota. */
const runningMax = 3;

export interface ResyncRequest {
  readonly accountId: ChannelAccountId;
  /** Null: everything that the channel lists. */
  readonly kinds: readonly Kind[] | null;
  readonly from: Date;
  readonly to: Date | null;
}

/** Reads the lists of a platform again for a span of time. What is known already changes nothing. */
export async function requestResync(
  deps: ResyncDeps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { accountId, kinds, from, to }: ResyncRequest,
): Promise<Outcome<ResyncRow, 'NOT_FOUND' | 'INVALID_INPUT' | 'NOT_SUPPORTED' | 'LIMIT_REACHED'>> {
  const { clock } = deps.runtime;
  const locked = await lockAccount(trx, tenantId, accountId);
  if (locked === null) return noAccount;
  const listed = syncKinds(deps, locked.row.channel);
  const wanted = kinds === null ? listed : listed.filter((kind) => kinds.includes(kind));
  if (wanted.length === 0 || wanted.length < new Set(kinds ?? []).size)
    return refuse('NOT_SUPPORTED', 'kinds', 'This platform has no such list: see the cursors of the account.');
  const span = chooseSpan(from, to, clock.now());
  if (!span.ok) return span;
  const running = await runningOf(trx, tenantId, accountId);
  if (running.length >= runningMax)
    return refuse('LIMIT_REACHED', null, `${runningMax} jobs of this account run: wait until one is over.`);
  const job = await begin(deps, trx, locked.row, { reason: 'person', kinds: wanted, span: span.value });
  return changed(job, job.id);
}

/** Fills an account when it is connected for the first time. */
export async function backfill(
  deps: ResyncDeps & Pick<IngestDeps, 'backfillDays'>,
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId,
): Promise<void> {
  const [row] = await findAccounts(trx, tenantId, [accountId]);
  const kinds = row === undefined ? [] : syncKinds(deps, row.channel);
  if (row === undefined || kinds.length === 0 || deps.backfillDays === 0) return;
  if (await hasBackfill(trx, tenantId, accountId)) return;
  const to = deps.runtime.clock.now();
  const span = { from: new Date(to.getTime() - deps.backfillDays * 86_400_000), to };
  await begin(deps, trx, row, { reason: 'connected', kinds, span });
}

/** Reads what else may have been lost with pushes that did not arrive; the id of the job, null if a running one does it. */
export async function resyncGap(deps: ResyncDeps, trx: Trx, row: AccountRow, gap: Span): Promise<ResyncId | null> {
  const running = await runningOf(trx, row.tenant_id, row.id);
  const spans = running.map(({ from_at: from, to_at: to }) => ({ from, to }));
  const span = spanOfGap(gap, spans, deps.runtime.clock.now());
  if (span === null) return null;
  const job = await begin(deps, trx, row, { reason: 'gap', kinds: syncKinds(deps, row.channel), span });
  return job.id;
}

function begin(
  deps: ResyncDeps,
  trx: Trx,
  { tenant_id: tenantId, id: accountId }: AccountRow,
  {
    reason,
    kinds,
    span,
  }: { readonly reason: ResyncRow['reason']; readonly kinds: readonly Kind[]; readonly span: Span },
): Promise<ResyncRow> {
  const now = deps.runtime.clock.now();
  const cursor = cursorSince(span.from);
  return insertResync(trx, { ...span, tenantId, id: newId<ResyncId>(), accountId, reason, kinds, cursor, now });
}
