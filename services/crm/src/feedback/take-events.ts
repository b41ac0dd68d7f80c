import { causedByEvent, type Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { handlingOf } from './classify.domain.ts';
import { followCase, step } from './feedback.domain.ts';
import { feedbackEscalated } from './feedback.events.ts';
import { aggregateOf, lockFeedback, lockOfCase, saveFeedback } from './feedback.store.ts';
import { lockWaiting, placeOf } from './place.store.ts';
import { receive, type ReceiveDeps } from './receive.ts';

type Trx = Transaction<DB>;

/** Takes what buyers said on platforms. */
export async function takeReported(
  deps: ReceiveDeps,
  trx: Trx,
  reported: readonly Delivered<'ingest.feedback-reported'>[],
): Promise<void> {
  for (const one of reported) {
    const { tenantId, data } = one.event;
    const { accountId, externalOrderId, buyerExternalId, kind, score, text, language, skus } = data;
    const place = await placeOf(trx, { tenantId, accountId, externalOrderId, buyerExternalId });
    const said = { kind, score, text, language, skus, givenAt: new Date(data.givenAt) };
    const named = { accountId, externalOrderId, buyerExternalId, externalId: data.externalFeedbackId };
    const given = { tenantId, source: 'platform', ...place, ...named, ...said, recordedBy: null } as const;
    await receive(deps, trx, given, causedByEvent(one));
  }
}

/** Feedback that came before its buyer or order was known finds its conversation, and then may need a case. */
export async function takeLinks(
  { outbox }: ReceiveDeps,
  trx: Trx,
  linked: readonly Delivered<'crm.conversation-linked'>[],
): Promise<void> {
  for (const one of linked) {
    const { tenantId, data } = one.event;
    for (const { id, named } of await lockWaiting(trx, tenantId, data.conversationId)) {
      const before = await lockFeedback(trx, tenantId, id);
      const place = await placeOf(trx, named);
      if (before === null || place.conversationId === null) continue;
      const { conversationId } = place;
      const [profileId, orderId] = [before.profileId ?? place.profileId, before.orderId ?? place.orderId];
      const after = step(before, { conversationId, profileId, orderId });
      await saveFeedback(trx, before, after);
      const needsCase = handlingOf(after.urgency) !== 'standard' && after.state === 'new';
      if (needsCase)
        await outbox.append(trx, [feedbackEscalated(aggregateOf(after), after, 'linked', causedByEvent(one))]);
    }
  }
}

type CaseEvent = Delivered<'conversation.case-opened' | 'conversation.case-state-changed'>;

/** Follows the cases that are about feedback. */
export async function takeCases(trx: Trx, events: readonly CaseEvent[]): Promise<void> {
  for (const { event } of events) {
    const { tenantId, data } = event;
    const { caseId, state } = data.case;
    const opened = 'feedbackId' in data && data.feedbackId !== undefined ? data.feedbackId : null;
    const first = opened === null ? null : await lockFeedback(trx, tenantId, opened);
    const locked = first === null ? await lockOfCase(trx, tenantId, caseId) : [first];
    for (const before of locked) {
      const after = followCase(before, { caseId, state });
      if (after !== before) await saveFeedback(trx, before, after);
    }
  }
}
