import type { MessageId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { lockIntent } from './delivery.store.ts';
import type { DeliveryReport } from './delivery-report.ts';

export type UnknownDecision = 'SENT' | 'RESEND' | 'GIVE_UP';

type ResolveOutcome = Outcome<MessageId, 'NOT_FOUND' | 'ALREADY_SETTLED'>;

const reports: Readonly<Record<UnknownDecision, Omit<DeliveryReport, 'origin'>>> = {
  SENT: { status: 'sent', detail: 'a person decided that the buyer has it' },
  RESEND: { status: 'queued', isRefuted: true, detail: 'a person decided that the buyer does not have it' },
  GIVE_UP: { status: 'failed', failure: 'GIVEN_UP', detail: 'a person decided not to send it' },
};

const noReply = refuse('NOT_FOUND', 'messageId', 'There is no such reply: take the id from unknownDeliveries.');

/** Settles a reply of unknown outcome by the decision of a person. */
export async function resolveUnknown(
  deps: IngestDeps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  messageId: MessageId,
  decision: UnknownDecision,
): Promise<ResolveOutcome> {
  const intent = await lockIntent(trx, tenantId, messageId);
  if (intent === null) return noReply;
  if (intent.status !== 'unknown')
    return refuse('ALREADY_SETTLED', 'messageId', `Its outcome is already known: ${intent.status}.`);
  const key = { tenantId, conversationId: intent.conversation_id, messageId };
  await deps.reportDelivery(trx, key, { ...reports[decision], origin });
  return changed(messageId, messageId);
}
