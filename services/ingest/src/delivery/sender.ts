import { causedOutside, crashPoint, type DueWork, type Origin, startDueWork, traced } from '@crossdesk/service-kit';
import { type PlatformAccess } from '../account/platform-access.ts';
import {
  type ChannelAdapter,
  type OutgoingMessage,
  PlatformCallError,
  type PlatformContext,
  PlatformRefusal,
  type SendOutcome,
} from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import { findThreadsOf } from '../inbound/thread.store.ts';
import { outcomeOfRetry, outcomeOfSend } from './delivery.domain.ts';
import { pictureOf, upload } from './picture-upload.ts';
import { claimDue, type IntentRow } from './delivery.store.ts';
import { reportDelivery } from './report-delivery.ts';
import { pauseSends, takeSend } from './send-quota.store.ts';
import type { DeliveryReport } from './settle.ts';

/** A claim outlasts what goes before, call, renewed token and second call, so that a living sender never loses it. */
const callsInLease = 8;
/** What may go before the call itself: fetching a picture, uploading it, with a renewed token once more. */
const callsBefore = 4;
const origin = causedOutside({ kind: 'system', id: null });

/**
 * Sends queued replies, one at a time per conversation. The claim is committed before the call and the outcome after it:
 * a crash in between leaves a claim whose lease ends, and that is an unknown outcome, never a second send.
 */
export function startSender(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log, outbox } = deps.runtime;
  const leaseMs = callsInLease * deps.platformTimeoutMs;
  /** A sender that was stopped for longer than this (SIGSTOP, swap) no longer calls: somebody else may take over soon. */
  const callBeforeMs = callsBefore * deps.platformTimeoutMs;

  async function report(intent: IntentRow, what: DeliveryReport): Promise<void> {
    await db.asWorker((trx) => reportDelivery(deps, trx, keyOf(intent), { ...what, attempt: intent.attempts }));
    outbox.nudge();
    work.nudge();
  }

  async function send(intent: IntentRow, claimedAtMs: number): Promise<void> {
    const message = await messageOf(intent);
    const context = await reached(() => access.open(intent.tenant_id, intent.account_id));
    if (context instanceof Error)
      return report(intent, { ...outcomeOfRetry(triesOf(intent), 0, context.message), origin });
    if (context === null || message === null) {
      deps.metrics.sends.inc({ channel: 'unknown', outcome: 'no_account' });
      return report(intent, noAccount);
    }
    const adapter = deps.adapters[context.account.channel];
    const { capabilities } = adapter;
    const { readBackSettleMs } = capabilities;
    if (!(await db.asWorker((trx) => takeSend(trx, accountOf(intent), capabilities)))) return report(intent, untried);
    const uploaded = await uploadOf(adapter, context, intent);
    if (uploaded !== null && uploaded.status !== 'uploaded')
      return reportOutcome(intent, uploaded, { readBackSettleMs, origin });
    // Only now does anything reach the buyer: too late means that nothing has happened yet.
    if (performance.now() - claimedAtMs > callBeforeMs) return report(intent, untried);
    crashPoint('send-claimed', 'ingest');
    const outgoing = { ...message, upload: uploaded?.picture ?? null };
    const attributes = { 'crossdesk.channel': context.account.channel, 'crossdesk.tenant': intent.tenant_id };
    await traced({ name: 'ingest send', kind: 'client', attributes }, intent.traceparent, async (span) => {
      const outcome = await withToken(context, (fresh) => measured(fresh, outgoing));
      span.note({ 'crossdesk.outcome': outcome.status });
      log.info(
        { messageId: intent.message_id, accountId: intent.account_id, outcome: outcome.status },
        'reply attempted',
      );
      crashPoint('send-answered', 'ingest');
      const tracedOrigin = { ...origin, traceparent: span.traceparent };
      await reportOutcome(intent, outcome, { readBackSettleMs, origin: tracedOrigin });
    });
  }

  /** What the platform answered; where it asked for a pause, the whole account makes it. */
  async function reportOutcome(
    intent: IntentRow,
    outcome: SendOutcome,
    { readBackSettleMs, origin }: { readonly readBackSettleMs: number; readonly origin: Origin },
  ): Promise<void> {
    const pauseMs = 'afterMs' in outcome ? outcome.afterMs : 0;
    if (pauseMs > 0) await db.asWorker((trx) => pauseSends(trx, accountOf(intent), pauseMs));
    await report(intent, { ...outcomeOfSend(outcome, triesOf(intent), readBackSettleMs), origin });
  }

  /** Null when there is no picture to give to the platform before. */
  async function uploadOf(adapter: ChannelAdapter, context: PlatformContext, intent: IntentRow) {
    const picture = await pictureOf(deps, adapter, intent);
    if (picture === null || 'status' in picture) return picture;
    return withToken(context, (fresh) => upload(adapter, fresh, picture));
  }

  /** Makes a call; a refused token is renewed once. */
  async function withToken<Outcome extends { readonly status: string }>(
    context: PlatformContext,
    attempt: (context: PlatformContext) => Promise<Outcome>,
  ): Promise<Outcome | Extract<SendOutcome, { readonly status: 'retry' }>> {
    const outcome = await attempt(context);
    if (outcome.status !== 'unauthorised') return outcome;
    const renewed = await reached(() => access.reopen(context));
    if (renewed instanceof Error) return { status: 'retry', afterMs: 0, detail: renewed.message };
    return renewed === null ? outcome : attempt(renewed);
  }

  async function measured(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
    const { channel } = context.account;
    const startedAt = performance.now();
    const outcome = await call(deps.adapters[channel], context, message);
    deps.metrics.sends.inc({ channel, outcome: outcome.status });
    deps.metrics.sendDuration.observe({ channel }, (performance.now() - startedAt) / 1_000);
    return outcome;
  }

  async function messageOf(intent: IntentRow): Promise<Omit<OutgoingMessage, 'upload'> | null> {
    const [thread] = await db.asWorker((trx) =>
      findThreadsOf(trx, [{ tenantId: intent.tenant_id, conversationId: intent.conversation_id }]),
    );
    if (thread === undefined) return null;
    return {
      messageId: intent.message_id,
      externalThreadId: thread.external_thread_id,
      buyer: thread.buyer,
      content: intent.content,
    };
  }

  const work = startDueWork<{ intent: IntentRow; claimedAtMs: number }>({
    name: 'reply sender',
    pollMs: 250,
    concurrencyMax: 16,
    log,
    claim: async (limit) => {
      const claimedAtMs = performance.now();
      const intents = await db.asWorker((trx) => claimDue(trx, limit, leaseMs));
      return intents.map((intent) => ({ intent, claimedAtMs }));
    },
    work: ({ intent, claimedAtMs }) => send(intent, claimedAtMs),
  });
  return work;
}

const untried: DeliveryReport = { status: 'queued', origin, isUntried: true };

const noAccount: DeliveryReport = {
  status: 'failed',
  failure: 'REAUTHORISE',
  detail: 'the channel account cannot be used now: connect it again with new credentials, then send again',
  origin,
};

function keyOf(intent: IntentRow) {
  return { tenantId: intent.tenant_id, conversationId: intent.conversation_id, messageId: intent.message_id };
}

function accountOf(intent: IntentRow) {
  return { tenantId: intent.tenant_id, accountId: intent.account_id };
}

function triesOf({ attempts, untried }: IntentRow): number {
  return attempts - untried;
}

async function call(adapter: ChannelAdapter, context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  try {
    return await adapter.send(context, message);
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    return error.mayHaveExecuted
      ? { status: 'unknown', detail: error.message }
      : { status: 'retry', afterMs: 0, detail: error.message };
  }
}

/** A platform that does not renew a token now has executed nothing: the error is an answer, not the end of the claim. */
async function reached(open: () => Promise<PlatformContext | null>): Promise<PlatformContext | null | Error> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof PlatformCallError || error instanceof PlatformRefusal) return error;
    throw error;
  }
}
