import { type Capabilities, replyWindowClosesAt } from '@crossdesk/channels';
import type { SendOutcome, UploadOutcome } from '@crossdesk/channels/adapters';
import { causedBySystem } from '@crossdesk/service-kit';
import { changeStatus } from '../account/account.commands.ts';
import { isRenewed } from '../account/account.domain.ts';
import { type AccountRow, lockAccount } from '../account/account.store.ts';
import { openAccount } from '../account/account-secrets.ts';
import type { ConnectedAccount } from '../account/connected-account.ts';
import type { PlatformAccess } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { type ReportedOutcome, withoutAccount } from './delivery.domain.ts';
import type { IntentRow } from './delivery.store.ts';
import { findPauses, makeRepliesDue, savePause } from './send-pause.store.ts';
import { decideWait, type Sending, sendingOf } from './sending.domain.ts';

/** A suspended store is tried again after this time: platforms do not tell when a suspension ends. */
const suspendedMs = 1_800_000;

interface WaitDeps {
  readonly deps: IngestDeps;
  readonly access: PlatformAccess;
}

/** A claimed reply, and when the buyer last wrote; null if they never did. */
interface Claimed {
  readonly intent: IntentRow;
  readonly lastInboundAt: Date | null;
}

/** What to report on a reply whose account cannot be opened: it waits for a new authorisation, or fails. */
export async function waitForAccount({ deps, access }: WaitDeps, claimed: Claimed): Promise<ReportedOutcome> {
  const { tenant_id: tenantId, account_id: accountId } = claimed.intent;
  const account = await access.accountOf(tenantId, accountId);
  if (account === null) return withoutAccount(null);
  return outcomeOf(deps, account, sendingOf(account, [], deps.runtime.clock.now()), claimed) ?? withoutAccount(account);
}

/** What to report on a reply of an account that works but has a pause; null without one. */
export async function waitForPause(
  { deps }: WaitDeps,
  account: ConnectedAccount,
  claimed: Claimed,
): Promise<ReportedOutcome | null> {
  const { db, clock } = deps.runtime;
  const pauses = await db.asWorker((trx) => findPauses(trx, account.tenantId, [account.id]));
  const works = { status: 'connected', status_reason: null, loss: null } as const;
  return outcomeOf(deps, account, sendingOf(works, pauses, clock.now()), claimed);
}

/**
 * What to report if the platform refused an attempt because of the account: the account is marked, and the reply waits.
 * Null for every other answer, and when the account got other credentials meanwhile.
 */
export async function waitAfterRefusal(
  wait: WaitDeps,
  account: ConnectedAccount,
  claimed: Claimed,
  outcome: SendOutcome | UploadOutcome,
): Promise<ReportedOutcome | null> {
  const { deps, access } = wait;
  if (outcome.status === 'rejected' && outcome.failure === 'ACCOUNT_DISABLED') {
    const until = new Date(deps.runtime.clock.now().getTime() + suspendedMs);
    const pause = { reason: 'banned', detail: outcome.detail, until } as const;
    await deps.runtime.db.asWorker((trx) => savePause(trx, accountName(account), pause));
    return waitForPause(wait, account, claimed);
  }
  if (outcome.status === 'rejected' && outcome.failure === 'REAUTHORISE')
    await loseAuthorisation(deps, account, outcome.detail);
  else if (outcome.status !== 'unauthorised') return null;
  const row = await access.accountOf(account.tenantId, account.id);
  return row === null ? null : outcomeOf(deps, row, sendingOf(row, [], deps.runtime.clock.now()), claimed);
}

/**
 * Lets a reply that was just put off go out if what it waits for ended meanwhile: whoever ended it may not have found it
 * among those that wait.
 */
export async function resumeIfOver({ deps, access }: WaitDeps, intent: IntentRow): Promise<void> {
  const { tenant_id: tenantId, account_id: accountId } = intent;
  const { db, clock } = deps.runtime;
  const account = await access.accountOf(tenantId, accountId);
  if (account === null) return;
  await db.asWorker(async (trx) => {
    const pauses = await findPauses(trx, tenantId, [accountId]);
    if (sendingOf(account, pauses, clock.now()).state === 'open') await makeRepliesDue(trx, tenantId, accountId);
  });
}

/** The platform refuses the credentials themselves: no renewal helps. */
async function loseAuthorisation(deps: IngestDeps, used: ConnectedAccount, reason: string): Promise<void> {
  await deps.runtime.db.asWorker(async (trx) => {
    const locked = await lockAccount(trx, used.tenantId, used.id);
    if (locked?.row.status !== 'connected') return;
    if (isRenewed(openAccount(deps, locked.row).credentials, used.credentials)) return;
    await changeStatus(deps, trx, locked, { status: 'reauthorise', loss: 'refused', reason }, causedBySystem());
  });
}

/** Null when replies of the account go out, or fail at once. */
function outcomeOf(
  deps: IngestDeps,
  { channel }: Pick<AccountRow, 'channel'>,
  sending: Sending,
  { intent, lastInboundAt }: Claimed,
): ReportedOutcome | null {
  if (sending.state !== 'paused') return null;
  const capabilities: Capabilities = deps.adapters[channel].record.capabilities;
  const reply = {
    requestedAt: intent.requested_at,
    windowClosesAt: replyWindowClosesAt(capabilities, lastInboundAt),
  };
  return decideWait(sending, reply, { now: deps.runtime.clock.now(), waitMsMax: deps.replyWaitMs });
}

function accountName({ tenantId, id: accountId }: ConnectedAccount) {
  return { tenantId, accountId };
}
