import type { ConversationId, DeliveryFailure, MessageId, TenantId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import type { IngestDeps, Trx } from '../deps.ts';
import { isSameWords } from '../inbound/echo.domain.ts';
import { fingerprintOf } from '../inbound/fingerprint.ts';
import { type HeldMessage, insertMessages, takeHeld } from '../inbound/message.store.ts';
import { recordMessages } from '../inbound/record-messages.ts';
import { type LockedThread, lockThreadOf } from '../inbound/thread.store.ts';
import { findAccounts } from '../account/account.store.ts';
import { isNews, type IntentStatus } from './delivery.domain.ts';
import { type IntentRow, isAnySending, lockIntent, saveIntent } from './delivery.store.ts';

/** What became of a reply, as far as the reporter knows. */
export interface DeliveryReport {
  readonly status: Exclude<IntentStatus, 'sending'>;
  readonly origin: Origin;
  readonly externalMessageId?: string | null;
  readonly failure?: DeliveryFailure;
  readonly detail?: string;
  readonly occurredAt?: Date;
  /** For queued and unknown: when to look at it again. */
  readonly dueInMs?: number;
  readonly needsPerson?: boolean;
}

type SettleDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/** Versions set aside: one for the report, one for an echo that adds to it. Held messages that are let go take their own. */
const eventsMax = 2;

/** Records a report on a reply, locking the conversation's thread first. False when it told nothing new. */
export async function settle(
  deps: SettleDeps,
  trx: Trx,
  key: { readonly tenantId: TenantId; readonly conversationId: ConversationId; readonly messageId: MessageId },
  report: DeliveryReport,
): Promise<boolean> {
  const thread = await lockThreadOf(trx, key.tenantId, key.conversationId, eventsMax);
  return thread === null ? false : settleLocked(deps, trx, thread, key.messageId, report);
}

/** The same on a thread that is locked already. */
export async function settleLocked(deps: SettleDeps, trx: Trx, thread: LockedThread, messageId: MessageId, report: DeliveryReport): Promise<boolean> {
  const intent = await lockIntent(trx, thread.tenantId, messageId);
  if (intent === null) return false;
  const learnsId = report.externalMessageId != null && intent.external_message_id === null;
  const isChange = isNews(intent.status, report.status) || (report.status === 'unknown' && report.needsPerson === true && !intent.needs_person);
  if (!isChange && !learnsId) return false;
  const status = isChange ? report.status : intent.status;
  const externalMessageId = intent.external_message_id ?? report.externalMessageId ?? null;
  await saveIntent(trx, intent, {
    status,
    failure: isChange ? (report.failure ?? null) : intent.failure,
    detail: isChange ? (report.detail ?? null) : intent.detail,
    externalMessageId,
    needsPerson: status === 'unknown' && (report.needsPerson ?? false),
    dueInMs: report.dueInMs ?? 0,
  });
  if (learnsId) await claimExternalId(trx, thread, intent, externalMessageId);
  // A retry goes from queued to queued for everybody outside: nothing to tell.
  if (isChange && report.status !== 'queued') await tell(deps, trx, thread, intent, report, externalMessageId);
  if (intent.status === 'sending') await letHeldGo(deps, trx, thread, { ...intent, status, external_message_id: externalMessageId }, report.origin);
  return true;
}

/** From now on the platform's id is this message: the echo that may still come finds it taken. */
async function claimExternalId(trx: Trx, thread: LockedThread, intent: IntentRow, externalMessageId: string | null): Promise<void> {
  if (externalMessageId === null) return;
  const { tenantId, accountId, conversationId } = thread;
  await insertMessages(trx, [{ tenantId, accountId, externalMessageId, messageId: intent.message_id, conversationId, raw: null }]);
}

async function tell(deps: SettleDeps, trx: Trx, thread: LockedThread, intent: IntentRow, report: DeliveryReport, externalMessageId: string | null): Promise<void> {
  await deps.runtime.outbox.append(trx, [
    {
      aggregate: thread.nextAggregate(),
      type: 'ingest.delivery-updated',
      origin: report.origin,
      ...(report.occurredAt === undefined ? {} : { occurredAt: report.occurredAt }),
      data: {
        messageId: intent.message_id,
        conversationId: thread.conversationId,
        accountId: thread.accountId,
        status: report.status,
        failure: report.failure ?? null,
        detail: report.detail ?? null,
        externalMessageId,
      },
    },
  ]);
}

/**
 * A reply left the air: the messages that waited for its outcome find out what they are. The echo of the reply is dropped
 * (it is the reply), everything else was written elsewhere and appears now.
 */
async function letHeldGo(deps: SettleDeps, trx: Trx, thread: LockedThread, intent: IntentRow, origin: Origin): Promise<void> {
  if (await isAnySending(trx, thread.tenantId, thread.conversationId)) return;
  const held = await takeHeld(trx, thread.tenantId, thread.conversationId);
  const echo = echoOf(intent, held);
  const others = held.filter((item) => item !== echo);
  const account = { id: thread.accountId, tenantId: thread.tenantId, channel: await channelOf(trx, thread) };
  if (echo !== undefined && intent.external_message_id === null) {
    const { occurredAt } = echo.message;
    const report = { status: 'sent', externalMessageId: echo.externalMessageId, occurredAt, origin } as const;
    await settleLocked(deps, trx, thread, intent.message_id, report);
  }
  await recordMessages(deps, trx, others.map(({ message, receivedAt }) => ({ account, message, receivedAt })));
}

function echoOf(intent: IntentRow, held: readonly HeldMessage[]): HeldMessage | undefined {
  const byId = held.find((item) => item.externalMessageId === intent.external_message_id);
  if (byId !== undefined || intent.external_message_id !== null) return byId;
  const reply = { fingerprint: intent.fingerprint, attemptedAt: intent.attempted_at };
  if (intent.status !== 'sent' && intent.status !== 'unknown') return undefined;
  return held.find(({ message }) => isSameWords({ fingerprint: fingerprintOf(message.content), occurredAt: message.occurredAt }, reply));
}

async function channelOf(trx: Trx, thread: LockedThread) {
  const [row] = await findAccounts(trx, thread.tenantId, [thread.accountId]);
  if (row === undefined) throw new Error('a thread without its channel account');
  return row.channel;
}
