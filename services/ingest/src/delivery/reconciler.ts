import { causedOutside, type DueWork, startDueWork } from '@crossdesk/service-kit';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { PlatformContext } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import { inPlatformOrder } from '../inbound/platform-order.ts';
import { recordMessages } from '../inbound/record-messages.ts';
import { findThreadsOf } from '../inbound/thread.store.ts';
import { decideDoubt, notExecuted } from './delivery.domain.ts';
import { claimInDoubt, type IntentRow, lockIntent } from './delivery.store.ts';
import { reportDelivery } from './report-delivery.ts';
import type { DeliveryReport } from './settle.ts';

const leaseMs = 60_000;
/** The thread is read back from this long before the attempt: the platform's clock may be behind ours. */
const readBackMarginMs = 180_000;
/** Longer than a weekend: after that a person decides what became of the reply. */
const authorisationWaitMsMax = 3 * 86_400_000;
const origin = causedOutside({ kind: 'system', id: null });

/**
 * Settles replies of unknown outcome. Where the platform lets a thread be read back, its messages are recorded like any
 * others, and the reply recognises itself among them; if it is not there although the platform has had time, it was not
 * executed and is sent. Where nothing can be read, a key that the platform executes once is used again, else a person decides.
 */
export function startReconciler(deps: IngestDeps, access: PlatformAccess, nudgeSender: () => void): DueWork {
  const { db, outbox, log } = deps.runtime;

  async function report(intent: IntentRow, what: DeliveryReport): Promise<void> {
    const key = { tenantId: intent.tenant_id, conversationId: intent.conversation_id, messageId: intent.message_id };
    await db.asWorker((trx) => reportDelivery(deps, trx, key, { ...what, attempt: intent.attempts }));
    outbox.nudge();
    nudgeSender();
  }

  async function readBack(intent: IntentRow, context: PlatformContext): Promise<void> {
    const { account } = context;
    const adapter = deps.adapters[account.channel];
    const [thread] = await db.asWorker((trx) =>
      findThreadsOf(trx, [{ tenantId: intent.tenant_id, conversationId: intent.conversation_id }]),
    );
    if (thread === undefined) return;
    const since = new Date((intent.attempted_at ?? new Date(0)).getTime() - readBackMarginMs);
    const messages = await readWith(access, context, (fresh) =>
      adapter.listThread(fresh, thread.external_thread_id, since),
    );
    if (messages === null) return;
    const receivedAt = deps.runtime.clock.now();
    await db.asWorker((trx) =>
      recordMessages(
        deps,
        trx,
        inPlatformOrder(messages).map((message) => ({ account, message, receivedAt, traceparent: null })),
      ),
    );
    outbox.nudge();
    const now = await db.asWorker((trx) => lockIntent(trx, intent.tenant_id, intent.message_id));
    if (now?.status === 'unknown') await report(intent, { ...notExecuted, origin });
  }

  /**
   * An account that a person is about to authorise anew can be asked soon: the reply is looked at again with the lease of
   * the claim, or as soon as the account is connected. A channel that can never be asked, or a silence of days, is none of it.
   */
  async function waitsForAuthorisation(intent: IntentRow): Promise<boolean> {
    const account = await access.accountOf(intent.tenant_id, intent.account_id);
    if (account?.status !== 'reauthorise') return false;
    const attemptedAt = intent.attempted_at ?? new Date(0);
    const canBeAsked = deps.adapters[account.channel].capabilities.effectClass !== 'opaque';
    return canBeAsked && deps.runtime.clock.now().getTime() - attemptedAt.getTime() < authorisationWaitMsMax;
  }

  async function reconcile(intent: IntentRow): Promise<void> {
    const context = await access.open(intent.tenant_id, intent.account_id);
    const capabilities = context === null ? null : deps.adapters[context.account.channel].capabilities;
    if (intent.status !== 'sending' && context === null && (await waitsForAuthorisation(intent))) return;
    const decision = decideDoubt(intent, capabilities);
    if (decision !== 'read back') await report(intent, { ...decision, origin });
    else if (context !== null) await readBack(intent, context);
  }

  return startDueWork({
    name: 'reply reconciler',
    pollMs: 500,
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimInDoubt(trx, limit, leaseMs)),
    work: reconcile,
  });
}
