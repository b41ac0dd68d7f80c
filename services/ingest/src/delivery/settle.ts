import type { PlatformPosition } from '@crossdesk/channels/adapters';
import type { DeliveryFailure, MessageId } from '@crossdesk/contracts';
import { crashPoint } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { insertMessages } from '../thread/message-id.store.ts';
import type { LockedThread } from '../thread/thread.store.ts';
import type { DeliveryReport } from './delivery-report.ts';
import { decideSettlement, type KnownOutcome } from './delivery.domain.ts';
import { type IntentRow, lockIntent, markPlaced, saveIntent } from './delivery.store.ts';

type SettleDeps = Pick<IngestDeps, 'runtime'>;

/** The reply before and after a report that contained something new. */
export interface SettledReply {
  readonly before: IntentRow;
  readonly after: IntentRow;
}

/** Records a report on a reply whose thread is locked. Null when the report contained nothing new. */
export async function settle(
  deps: SettleDeps,
  trx: Trx,
  thread: LockedThread,
  messageId: MessageId,
  report: DeliveryReport,
): Promise<SettledReply | null> {
  const intent = await lockIntent(trx, thread.tenantId, messageId);
  const settlement = intent === null ? null : decideSettlement(knownOf(intent), report);
  if (intent === null || settlement === null) return null;
  const { isChange, learnsId, isPlacing, told } = settlement;
  const { status, externalMessageId } = settlement.after;
  const { isUntried = false, dueInMs = isUntried ? null : 0 } = report;
  await saveIntent(trx, intent, { ...settlement.after, dueInMs, isUntried });
  crashPoint('delivery-saved', 'ingest');
  if (learnsId) await claimExternalId(trx, thread, intent, externalMessageId);
  // Seen from outside a retry goes from queued to queued: nothing to publish.
  const after = { ...intent, status, external_message_id: externalMessageId };
  if (isChange && told.status !== 'queued')
    await tell(deps, trx, thread, after, { ...told, origin: report.origin, occurredAt: report.occurredAt });
  else if (isPlacing) await tell(deps, trx, thread, after, standing(intent, report));
  return { before: intent, after };
}

function knownOf(intent: IntentRow): KnownOutcome {
  const { status, attempts, failure, detail } = intent;
  return {
    status,
    attempts,
    failure,
    detail,
    externalMessageId: intent.external_message_id,
    needsPerson: intent.needs_person,
    isPlaced: intent.is_placed,
    isDoubted: intent.is_doubted,
  };
}

/** Publishes the place of a settled reply in the platform's thread. */
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

/** The known state of the reply, to be published again with its place. */
function standing(intent: IntentRow, { origin, position }: Pick<DeliveryReport, 'origin' | 'position'>): Telling {
  const { failure, detail } = intent;
  // A reply that has a place was executed, even if its sender has not reported it yet.
  const status = intent.status === 'sending' ? 'sent' : intent.status;
  return { status, failure, detail, origin, position };
}

type Telling = Pick<DeliveryReport, 'status' | 'origin'> & {
  readonly failure?: DeliveryFailure | null | undefined;
  readonly detail?: string | null | undefined;
  readonly occurredAt?: Date | undefined;
  readonly position?: PlatformPosition | undefined;
};

/** Assigns the platform's id to this message, so that an echo that arrives later is recognised by its id. */
async function claimExternalId(
  trx: Trx,
  thread: LockedThread,
  intent: IntentRow,
  externalMessageId: string | null,
): Promise<void> {
  if (externalMessageId === null) return;
  const { tenantId, accountId, conversationId } = thread;
  await insertMessages(trx, [
    {
      tenantId,
      accountId,
      externalMessageId,
      messageId: intent.message_id,
      conversationId,
      raw: null,
      wholeText: null,
    },
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
