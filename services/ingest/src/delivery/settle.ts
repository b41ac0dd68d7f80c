import type { DeliveryFailure, MessageId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import type { IngestDeps, Trx } from '../deps.ts';
import { insertMessages } from '../inbound/message.store.ts';
import type { LockedThread } from '../inbound/thread.store.ts';
import { isNews, type IntentStatus } from './delivery.domain.ts';
import { type IntentRow, lockIntent, saveIntent } from './delivery.store.ts';

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
  /** For queued: the claim is given back before anything was tried. It counts as no attempt and keeps its place. */
  readonly isUntried?: boolean;
  readonly needsPerson?: boolean;
  /**
   * The attempt the reporter speaks of. What a late reporter says of an attempt that is over must not touch the next one,
   * which may be calling the platform now; only that the buyer has the message counts whenever it is learnt.
   */
  readonly attempt?: number;
}

export type SettleDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/** The reply before and after a report that told something new. */
export interface Settled {
  readonly before: IntentRow;
  readonly after: IntentRow;
}

/** Records a report on a reply whose thread is locked. Null when it told nothing new. */
export async function settle(
  deps: SettleDeps,
  trx: Trx,
  thread: LockedThread,
  messageId: MessageId,
  report: DeliveryReport,
): Promise<Settled | null> {
  const intent = await lockIntent(trx, thread.tenantId, messageId);
  if (intent === null || isOfEndedAttempt(intent, report)) return null;
  const learnsId = report.externalMessageId != null && intent.external_message_id === null;
  const isChange =
    isNews(intent.status, report.status) ||
    (report.status === 'unknown' && report.needsPerson === true && !intent.needs_person);
  if (!isChange && !learnsId) return null;
  const status = isChange ? report.status : intent.status;
  const externalMessageId = intent.external_message_id ?? report.externalMessageId ?? null;
  await saveIntent(trx, intent, {
    status,
    failure: isChange ? (report.failure ?? null) : intent.failure,
    detail: isChange ? (report.detail ?? null) : intent.detail,
    externalMessageId,
    needsPerson: status === 'unknown' && (report.needsPerson ?? false),
    dueInMs: report.dueInMs ?? 0,
    isUntried: report.isUntried ?? false,
  });
  if (learnsId) await claimExternalId(trx, thread, intent, externalMessageId);
  // A retry goes from queued to queued for everybody outside: nothing to tell.
  if (isChange && report.status !== 'queued') await tell(deps, trx, thread, intent, report, externalMessageId);
  return { before: intent, after: { ...intent, status, external_message_id: externalMessageId } };
}

function isOfEndedAttempt(intent: IntentRow, { attempt, status }: DeliveryReport): boolean {
  return attempt !== undefined && attempt !== intent.attempts && status !== 'sent';
}

/** From now on the platform's id is this message: the echo that may still come finds it taken. */
async function claimExternalId(
  trx: Trx,
  thread: LockedThread,
  intent: IntentRow,
  externalMessageId: string | null,
): Promise<void> {
  if (externalMessageId === null) return;
  const { tenantId, accountId, conversationId } = thread;
  await insertMessages(trx, [
    { tenantId, accountId, externalMessageId, messageId: intent.message_id, conversationId, raw: null },
  ]);
}

async function tell(
  deps: SettleDeps,
  trx: Trx,
  thread: LockedThread,
  intent: IntentRow,
  report: DeliveryReport,
  externalMessageId: string | null,
): Promise<void> {
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
