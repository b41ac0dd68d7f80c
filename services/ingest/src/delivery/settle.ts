import type { DeliveryFailure, MessageId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import type { PlatformPosition } from '../channel/channel.port.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { insertMessages } from '../inbound/message.store.ts';
import type { LockedThread } from '../inbound/thread.store.ts';
import { isNews, type IntentStatus } from './delivery.domain.ts';
import { type IntentRow, lockIntent, markPlaced, saveIntent } from './delivery.store.ts';

/** What became of a reply, as far as the reporter knows. */
export interface DeliveryReport {
  readonly status: Exclude<IntentStatus, 'sending'>;
  readonly origin: Origin;
  readonly externalMessageId?: string | null;
  readonly failure?: DeliveryFailure;
  readonly detail?: string;
  readonly occurredAt?: Date;
  /** Where the platform puts the message in its thread. */
  readonly position?: PlatformPosition;
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
  const isPlacing = report.position !== undefined && !intent.is_placed;
  if (!isChange && !learnsId && !isPlacing) return null;
  const status = isChange ? report.status : intent.status;
  const externalMessageId = intent.external_message_id ?? report.externalMessageId ?? null;
  await saveIntent(trx, intent, {
    status,
    failure: isChange ? (report.failure ?? null) : intent.failure,
    detail: isChange ? (report.detail ?? null) : intent.detail,
    externalMessageId,
    needsPerson: status === 'unknown' && (report.needsPerson ?? false),
    isPlaced: intent.is_placed || isPlacing,
    dueInMs: report.dueInMs ?? 0,
    isUntried: report.isUntried ?? false,
  });
  if (learnsId) await claimExternalId(trx, thread, intent, externalMessageId);
  // A retry goes from queued to queued for everybody outside: nothing to tell.
  const after = { ...intent, status, external_message_id: externalMessageId };
  if (isChange && report.status !== 'queued') await tell(deps, trx, thread, after, report);
  else if (isPlacing) await tell(deps, trx, thread, after, standing(intent, report));
  return { before: intent, after };
}

/** Tells where the platform puts a reply that is settled already. */
export async function place(
  deps: SettleDeps,
  trx: Trx,
  thread: LockedThread,
  messageId: MessageId,
  told: Pick<DeliveryReport, 'origin' | 'position'>,
): Promise<void> {
  const intent = await lockIntent(trx, thread.tenantId, messageId);
  if (intent === null || intent.is_placed) return;
  await markPlaced(trx, intent);
  await tell(deps, trx, thread, intent, standing(intent, told));
}

/** What is known of the reply, told once more with its place. */
function standing(intent: IntentRow, { origin, position }: Pick<DeliveryReport, 'origin' | 'position'>): Telling {
  const { failure, detail } = intent;
  // A reply that has a place was executed, even if its sender has not said so yet.
  const status = intent.status === 'sending' ? 'sent' : intent.status;
  return { status, failure, detail, origin, position };
}

type Telling = Pick<DeliveryReport, 'status' | 'origin'> & {
  readonly failure?: DeliveryFailure | null | undefined;
  readonly detail?: string | null | undefined;
  readonly occurredAt?: Date | undefined;
  readonly position?: PlatformPosition | undefined;
};

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
  report: Telling,
): Promise<void> {
  const { position } = report;
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
        externalMessageId: intent.external_message_id,
        ...(position === undefined
          ? {}
          : { platformPosition: { occurredAt: position.occurredAt.toISOString(), sequence: position.sequence } }),
      },
    },
  ]);
}
