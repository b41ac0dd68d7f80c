import type { MessageId, TenantId } from '@crossdesk/contracts';
import { causedByRequest, type RequestContext } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { lockIntent } from './delivery.store.ts';
import type { DeliveryReport } from './delivery-report.ts';

export type UnknownDecision = 'SENT' | 'RESEND' | 'GIVE_UP';

export type ResolveOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'NOT_FOUND' | 'ALREADY_SETTLED'; readonly message: string };

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
  const { audit, db, outbox } = deps.runtime;
  const mutation = audit.mutation<DB, ResolveOutcome>(request, 'resolveUnknownDelivery', async (trx, done) => {
    const intent = await lockIntent(trx, tenantId, messageId);
    if (intent === null)
      return { ok: false, code: 'NOT_FOUND', message: 'There is no such reply: take the id from unknownDeliveries.' };
    if (intent.status !== 'unknown')
      return { ok: false, code: 'ALREADY_SETTLED', message: `Its outcome is known by now: ${intent.status}.` };
    const key = { tenantId, conversationId: intent.conversation_id, messageId };
    await deps.reportDelivery(trx, key, { ...reports[decision], origin: causedByRequest(request) });
    done(messageId);
    return { ok: true };
  });
  const outcome = await db.asWorker(mutation);
  outbox.nudge();
  return outcome;
}
