import type { MessageId, TenantId } from '@crossdesk/contracts';
import { callOf, changed, type Outcome, refuse, type RequestContext } from '@crossdesk/service-kit';
import type { IngestDeps } from '../deps.ts';
import { lockIntent } from './delivery.store.ts';
import type { DeliveryReport } from './delivery-report.ts';

export type UnknownDecision = 'SENT' | 'RESEND' | 'GIVE_UP';

type ResolveOutcome = Outcome<MessageId, 'NOT_FOUND' | 'ALREADY_SETTLED'>;

const reports: Readonly<Record<UnknownDecision, Omit<DeliveryReport, 'origin'>>> = {
  SENT: { status: 'sent', detail: 'a person says that the buyer has it' },
  RESEND: { status: 'queued', isRefuted: true, detail: 'a person says that the buyer does not have it' },
  GIVE_UP: { status: 'failed', failure: 'GIVEN_UP', detail: 'a person left it unsent' },
};

/** A person settles a reply whose outcome no machine can tell. */
export async function resolveUnknown(
  deps: IngestDeps,
  request: RequestContext,
  tenantId: TenantId,
  messageId: MessageId,
  decision: UnknownDecision,
): Promise<ResolveOutcome> {
  const { commands, db, outbox } = deps.runtime;
  const outcome = await db.asWorker((trx) =>
    commands.carryOut(callOf(request, trx), 'resolveUnknownDelivery', async ({ origin }): Promise<ResolveOutcome> => {
      const intent = await lockIntent(trx, tenantId, messageId);
      if (intent === null) return noReply;
      if (intent.status !== 'unknown')
        return refuse('ALREADY_SETTLED', 'messageId', `Its outcome is known by now: ${intent.status}.`);
      const key = { tenantId, conversationId: intent.conversation_id, messageId };
      await deps.reportDelivery(trx, key, { ...reports[decision], origin });
      return changed(messageId, messageId);
    }),
  );
  outbox.nudge();
  return outcome;
}

const noReply = refuse('NOT_FOUND', 'messageId', 'There is no such reply: take the id from unknownDeliveries.');
