import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { type Delivered, refuse, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { segmentsOfThread } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import { refuseOutdated } from '../decision/decision.domain.ts';
import { sendMessage } from '../message/send-message.commands.ts';
import { saveQuestion } from '../survey-question/survey-question.store.ts';
import { settleOnce } from './on-decided.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'commands'>;

/**
 * Writes messages that crm has decided, each once, into the conversation where their thread is now. One that may no longer
 * be written is refused, and the reason is told.
 */
export async function takeOutreach(
  deps: Deps,
  trx: Transaction<DB>,
  decided: readonly Delivered<'crm.message-decided'>[],
): Promise<void> {
  for (const one of decided) {
    const { tenantId, data, occurredAt } = one.event;
    const conversationId = await conversationOf(trx, tenantId, data.conversationId);
    await settleOnce(
      deps,
      trx,
      { ...one, event: { ...one.event, data: { ...data, conversationId } } },
      async (call, locked) => {
        const { decisionId, messageId, content, notAfter } = data;
        const basis = { purpose: 'notice', basedOnVersion: null, decidedAt: new Date(occurredAt) } as const;
        const refusal = refuseOutdated(locked, basis);
        if (refusal !== null) return refusal;
        if (deps.clock.now() > new Date(notAfter)) return refuse('TOO_LATE', null, 'Its time is over: decide again.');
        if (content.kind !== 'text') return refuse('KIND_NOT_SUPPORTED', null, 'Only texts are sent unasked.');
        // Opened again since: it is no time to ask.
        if (data.kind === 'survey' && locked.state !== 'handled')
          return refuse('REOPENED', null, 'The conversation is not handled any more.');
        const outcome = await deps.commands.carryOut(call, 'sendMessage', (inner) =>
          sendMessage(deps, inner, {
            messageId,
            clientMutationId: decisionId,
            conversationId: locked.id,
            threadId: data.conversationId,
            expectedVersion: null,
            text: content.text,
            isBulk: true,
          }),
        );
        if (outcome.ok && data.kind === 'survey')
          await saveQuestion(trx, {
            ...{ tenantId, threadId: data.conversationId, decisionId, messageId, askedAt: deps.clock.now() },
          });
        return outcome;
      },
    );
  }
}

/** Threads are named like the conversation they began; people may have moved them to another one. */
async function conversationOf(trx: Transaction<DB>, tenantId: TenantId, threadId: ConversationId) {
  const segments = await segmentsOfThread(trx, { tenantId, id: threadId });
  return segments.find(({ isLive }) => isLive)?.conversationId ?? threadId;
}
