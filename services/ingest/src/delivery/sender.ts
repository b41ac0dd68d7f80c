import { findSendProblem } from '@crossdesk/channels';
import type { ChannelAdapter, OutgoingMessage, SendOutcome } from '@crossdesk/channels/adapters';
import {
  causedBySystem,
  crashPoint,
  declareCounter,
  type DueWork,
  type Origin,
  startDueWork,
  traced,
} from '@crossdesk/service-kit';
import type { AccountContext } from '../account/connected-account.ts';
import type { PlatformAccess } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { findLatestRaw } from '../thread/message-id.store.ts';
import { findThreadOf, type ThreadOfReply } from '../thread/thread.store.ts';
import { callSender, reached, withToken } from './call-platform.ts';
import {
  outcomeOfRetry,
  outcomeOfSend,
  quotaUsedUp,
  refusedByChannel,
  type ReportedOutcome,
  withoutAccount,
} from './delivery.domain.ts';
import { claimDue, type IntentRow, nextReplyInMs } from './delivery.store.ts';
import { type Outgoing, outgoingOf, upload } from './outgoing-file.ts';
import { startSenderLife } from './sender-life.ts';
import { pauseSends, takeSend } from './send-quota.store.ts';
import { resumeIfOver, waitAfterRefusal, waitForAccount, waitForPause } from './wait.ts';

const sends = declareCounter<'channel' | 'outcome'>('ingest', {
  name: 'crossdesk_sends_total',
  help: 'Attempts to send a reply by the answer of the platform',
  labelNames: ['channel', 'outcome'],
});

/**
 * A claim lasts longer than the work before the call, the call, a token renewal and a second call, so that a running
 * sender never loses it.
 */
const callsInLease = 8;
/** The longest work before the call: fetching a file, uploading it, and again with a renewed token. */
const callsBefore = 4;
const untried: ReportedOutcome = { status: 'queued', isUntried: true };

/** A claimed reply, and when it was claimed. */
interface Claim {
  readonly intent: IntentRow;
  readonly claimedAtMs: number;
}

/** A reply that may be sent now: the account can be used, the thread is known, and the channel accepts the reply. */
interface ReadyToSend {
  readonly context: AccountContext;
  readonly adapter: ChannelAdapter;
  readonly thread: ThreadOfReply;
}

interface SenderDeps {
  readonly deps: IngestDeps;
  readonly access: PlatformAccess;
  /** Looks for the next replies now. */
  readonly nudge: () => void;
}

/**
 * Sends queued replies, one at a time per conversation. The claim is committed before the call and the outcome after
 * it. A crash in between leaves a claim without an owner: the outcome is then unknown, and the reply is never sent twice.
 */
export function startSender(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log } = deps.runtime;
  const leaseMs = callsInLease * deps.platformTimeoutMs;
  const sender: SenderDeps = { deps, access, nudge: () => work.nudge() };
  const life = startSenderLife(deps);
  const work = startDueWork<Claim>({
    name: 'reply sender',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker(nextReplyInMs),
    concurrencyMax: 16,
    log,
    claim: async (limit) => {
      const claimedAtMs = performance.now();
      const intents = await db.asWorker((trx) => claimDue(trx, limit, leaseMs, life.id()));
      return intents.map((intent) => ({ intent, claimedAtMs }));
    },
    work: (claim) => send(sender, claim),
  });
  const stop = async () => {
    await work.stop();
    await life.stop();
  };
  return { ...work, stop };
}

async function send(sender: SenderDeps, { intent, claimedAtMs }: Claim): Promise<void> {
  const { deps } = sender;
  const ready = await prepare(sender, intent);
  if ('status' in ready) return report(sender, intent, ready);
  const right = await deps.runtime.db.asWorker((trx) => takeSend(trx, accountOf(intent), capabilitiesOf(ready)));
  if (right === 'later') return report(sender, intent, untried);
  if (right === 'day used up') return report(sender, intent, quotaUsedUp(capabilitiesOf(ready).sendsPerDayMax ?? 0));
  const outgoing = await outgoingOf(deps, ready.adapter, intent);
  if ('status' in outgoing) return reportOutcome(sender, ready, intent, outgoing, causedBySystem());
  const uploaded = await uploadOf(sender, ready, outgoing);
  if (uploaded !== null && uploaded.status !== 'uploaded')
    return reportOutcome(sender, ready, intent, uploaded, causedBySystem());
  // A sender that was paused too long (SIGSTOP, swap) does not call: another one may take over soon. Nothing has
  // reached the buyer up to here, so the attempt does not count as a try.
  if (performance.now() - claimedAtMs > callsBefore * deps.platformTimeoutMs) return report(sender, intent, untried);
  crashPoint('send-claimed', 'ingest');
  const { external_thread_id: externalThreadId, buyer } = ready.thread;
  return attempt(sender, ready, intent, {
    messageId: intent.message_id,
    externalThreadId,
    buyer,
    content: outgoing.content,
    upload: uploaded?.file ?? null,
    ...(await neededBy(sender, ready, intent, outgoing)),
  });
}

/** What the channel sends a message with: its file, and the message that it answers. */
async function neededBy(
  { deps }: SenderDeps,
  { adapter }: ReadyToSend,
  { tenant_id: tenantId, conversation_id: conversationId }: IntentRow,
  { file }: Outgoing,
): Promise<Pick<OutgoingMessage, 'file' | 'answered'>> {
  const needs = adapter.sender?.needs ?? [];
  const latest = needs.includes('answered')
    ? await deps.runtime.db.asWorker((trx) => findLatestRaw(trx, { tenantId, conversationId }))
    : null;
  return {
    ...(file !== null && needs.includes('file') ? { file } : {}),
    ...(latest === null ? {} : { answered: { externalMessageId: latest.external_message_id, raw: latest.raw } }),
  };
}

/** Checks everything that is needed to send; returns what to report if something is missing. */
async function prepare({ deps, access }: SenderDeps, intent: IntentRow): Promise<ReadyToSend | ReportedOutcome> {
  const { tenant_id: tenantId, account_id: accountId, conversation_id: conversationId, content } = intent;
  const context = await reached(() => access.open(tenantId, accountId));
  if (context instanceof Error) return outcomeOfRetry(triesOf(intent), 0, context.message);
  const thread = await deps.runtime.db.asWorker((trx) => findThreadOf(trx, tenantId, conversationId));
  const claimed = { intent, lastInboundAt: thread?.last_inbound_at ?? null };
  if (context === null) {
    const outcome = await waitForAccount({ deps, access }, claimed);
    if (outcome.status === 'failed') sends(deps.runtime.metrics).inc({ channel: 'unknown', outcome: 'no_account' });
    return outcome;
  }
  if (thread === null) return withoutAccount(null);
  const pause = await waitForPause({ deps, access }, context.account, claimed);
  if (pause !== null) return pause;
  const adapter = deps.adapters[context.account.channel];
  // This was also checked before the reply was accepted, but the window may have closed while the reply waited.
  const reply = { content, lastInboundAt: thread.last_inbound_at };
  const problem = findSendProblem(adapter.record.capabilities, reply, deps.runtime.clock.now());
  return problem === null ? { context, adapter, thread } : refusedByChannel(problem);
}

/** Null when there is no file to upload first. */
async function uploadOf({ access }: SenderDeps, { adapter, context }: ReadyToSend, { file }: Outgoing) {
  return file === null || adapter.files === null
    ? null
    : withToken(access, context, (fresh) => upload(adapter, fresh, file));
}

async function attempt(
  sender: SenderDeps,
  ready: ReadyToSend,
  intent: IntentRow,
  message: OutgoingMessage,
): Promise<void> {
  const { deps, access } = sender;
  const { context, adapter } = ready;
  const { channel } = context.account;
  const attributes = { 'crossdesk.channel': channel, 'crossdesk.tenant': intent.tenant_id };
  await traced({ name: 'ingest send', kind: 'client', attributes }, intent.traceparent, async (span) => {
    const outcome = await withToken(access, context, (fresh) =>
      measured(deps, channel, () => callSender(adapter, fresh, message)),
    );
    span.note({ 'crossdesk.outcome': outcome.status });
    deps.runtime.log.info(
      { messageId: intent.message_id, accountId: intent.account_id, outcome: outcome.status },
      'reply attempted',
    );
    crashPoint('send-answered', 'ingest');
    await reportOutcome(sender, ready, intent, outcome, { ...causedBySystem(), traceparent: span.traceparent });
  });
}

async function measured(deps: IngestDeps, channel: string, call: () => Promise<SendOutcome>): Promise<SendOutcome> {
  const startedAt = performance.now();
  const outcome = await call();
  sends(deps.runtime.metrics).inc({ channel, outcome: outcome.status });
  deps.metrics.sendDuration.observe({ channel }, (performance.now() - startedAt) / 1_000);
  return outcome;
}

/** Reports the platform's answer. If the platform asks for a pause, the whole account pauses. */
async function reportOutcome(
  sender: SenderDeps,
  ready: ReadyToSend,
  intent: IntentRow,
  outcome: SendOutcome,
  cause: Origin,
): Promise<void> {
  const { context, thread } = ready;
  const claimed = { intent, lastInboundAt: thread.last_inbound_at };
  const waits = await waitAfterRefusal(sender, context.account, claimed, outcome);
  if (waits !== null) return report(sender, intent, waits, cause);
  const pauseMs = 'afterMs' in outcome ? outcome.afterMs : 0;
  if (pauseMs > 0) await sender.deps.runtime.db.asWorker((trx) => pauseSends(trx, accountOf(intent), pauseMs));
  const { readBackSettleMs } = capabilitiesOf(ready);
  await report(sender, intent, outcomeOfSend(outcome, triesOf(intent), readBackSettleMs), cause);
}

async function report(
  sender: SenderDeps,
  intent: IntentRow,
  what: ReportedOutcome,
  cause: Origin = causedBySystem(),
): Promise<void> {
  const { deps, nudge } = sender;
  const { tenant_id: tenantId, conversation_id: conversationId, message_id: messageId, attempts } = intent;
  await deps.runtime.db.asWorker((trx) =>
    deps.reportDelivery(trx, { tenantId, conversationId, messageId }, { ...what, attempt: attempts, origin: cause }),
  );
  const isPutOff = what.isUntried === true && what.dueInMs !== undefined;
  if (isPutOff) await resumeIfOver(sender, intent);
  nudge();
}

function capabilitiesOf({ adapter }: ReadyToSend) {
  return adapter.record.capabilities;
}

function accountOf({ tenant_id: tenantId, account_id: accountId }: IntentRow) {
  return { tenantId, accountId };
}

function triesOf({ attempts, untried }: IntentRow): number {
  return attempts - untried;
}
