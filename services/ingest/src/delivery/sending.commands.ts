import type { ChannelAccountId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { noAccount, tellAccount } from '../account/account.commands.ts';
import { type AccountRow, lockAccount } from '../account/account.store.ts';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { deletePause, makeRepliesDue, savePause } from './send-pause.store.ts';

const daysMax = 90;

/** Lets the replies of a store wait until it opens again; null opens it now. */
export async function setStoreHoliday(
  deps: Pick<IngestDeps, 'runtime'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  accountId: ChannelAccountId,
  until: Date | null,
): Promise<Outcome<AccountRow, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  const nowMs = deps.runtime.clock.now().getTime();
  if (until !== null && (until.getTime() <= nowMs || until.getTime() > nowMs + daysMax * 86_400_000))
    return refuse(
      'INVALID_INPUT',
      'until',
      `until must lie within the next ${daysMax} days: omit it to open the store.`,
    );
  const locked = await lockAccount(trx, tenantId, accountId);
  if (locked === null) return noAccount;
  const account = { tenantId, accountId };
  if (until !== null) await savePause(trx, account, { reason: 'holiday', detail: null, until });
  else if (!(await deletePause(trx, account, 'holiday'))) return unchanged(locked.row);
  await makeRepliesDue(trx, tenantId, accountId);
  return changed(
    await tellAccount(deps, trx, locked, { holidayUntil: until?.toISOString() ?? null }, origin),
    accountId,
  );
}
