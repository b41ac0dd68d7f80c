import { causedBySystem, type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { messagesListed } from '../fact.ts';
import { parkListed } from '../raw/park-listed.ts';
import { findThreadOf } from '../thread/thread.store.ts';
import { decideDoubt, notExecuted, type ReportedOutcome } from './delivery.domain.ts';
import { claimInDoubt, type IntentRow, lockIntent, nextDoubtInMs } from './delivery.store.ts';

const leaseMs = 60_000;
/** The thread is read back from this time before the attempt on: the platform's clock may be behind ours. */
const readBackMarginMs = 180_000;
/** Longer than a weekend. After that a person has to decide the outcome of the reply. */
const authorisationWaitMsMax = 3 * 86_400_000;

interface ReconcilerDeps {
  readonly deps: IngestDeps;
  readonly access: PlatformAccess;
  readonly nudgeSender: () => void;
}

/**
 * Settles replies of unknown outcome. If the platform allows it, the thread is read back and its messages are recorded
 * like any others, which settles the reply if it is among them. If it is missing although the platform has had time, it
 * was not executed and is sent again. If the thread cannot be read, the reply is sent again under the same key,
 * provided the platform executes a key once; else a person decides.
 */
export function startReconciler(deps: IngestDeps, access: PlatformAccess, nudgeSender: () => void): DueWork {
  const { db, log } = deps.runtime;
  const reconciler = { deps, access, nudgeSender };
  return startDueWork({
    name: 'reply reconciler',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker(nextDoubtInMs),
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimInDoubt(trx, limit, leaseMs)),
    work: (intent) => reconcile(reconciler, intent),
  });
}

async function reconcile(reconciler: ReconcilerDeps, intent: IntentRow): Promise<void> {
  const { deps, access } = reconciler;
  const context = await access.open(intent.tenant_id, intent.account_id);
  const capabilities = context === null ? null : deps.adapters[context.account.channel].record.capabilities;
  if (intent.status !== 'sending' && context === null && (await waitsForAuthorisation(reconciler, intent))) return;
  const decision = decideDoubt(intent, capabilities);
  if (decision !== 'read back') await report(reconciler, intent, decision);
  else if (context !== null) await readBack(reconciler, intent, context);
}

/**
 * An account that has to be authorised again can probably be asked soon: the reply is looked at again when the lease of
 * the claim ends, or as soon as the account is connected. This excludes channels that can never be asked, and attempts
 * that are days old.
 */
async function waitsForAuthorisation({ deps, access }: ReconcilerDeps, intent: IntentRow): Promise<boolean> {
  const account = await access.accountOf(intent.tenant_id, intent.account_id);
  if (account?.status !== 'reauthorise') return false;
  const attemptedAt = intent.attempted_at ?? new Date(0);
  const canBeAsked = deps.adapters[account.channel].record.capabilities.effectClass !== 'opaque';
  return canBeAsked && deps.runtime.clock.now().getTime() - attemptedAt.getTime() < authorisationWaitMsMax;
}

async function readBack(reconciler: ReconcilerDeps, intent: IntentRow, context: AccountContext): Promise<void> {
  const { deps, access } = reconciler;
  const { db, clock } = deps.runtime;
  const { tenant_id: tenantId, conversation_id: conversationId, message_id: messageId } = intent;
  const { threads } = deps.adapters[context.account.channel];
  const thread = await db.asWorker((trx) => findThreadOf(trx, tenantId, conversationId));
  if (thread === null || threads === null) return;
  const since = new Date((intent.attempted_at ?? new Date(0)).getTime() - readBackMarginMs);
  const answer = await readWith(access, context, (fresh) =>
    threads.read(fresh, thread.external_thread_id, since, null),
  );
  if (answer === null) return;
  const { read } = answer;
  const { account } = context;
  await db.asWorker(async (trx) => {
    await deps.intake(trx, messagesListed(account, read.items, clock.now()));
    await parkListed(trx, account, 'messages', read.unreadable, clock.now());
  });
  const now = await db.asWorker((trx) => lockIntent(trx, tenantId, messageId));
  if (now?.status === 'unknown') await report(reconciler, intent, notExecuted);
}

async function report({ deps, nudgeSender }: ReconcilerDeps, intent: IntentRow, what: ReportedOutcome): Promise<void> {
  const { tenant_id: tenantId, conversation_id: conversationId, message_id: messageId, attempts } = intent;
  await deps.runtime.db.asWorker((trx) =>
    deps.reportDelivery(
      trx,
      { tenantId, conversationId, messageId },
      { ...what, attempt: attempts, origin: causedBySystem() },
    ),
  );
  nudgeSender();
}
