import type { ConsumerSpec, Delivered, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { latestFacts, type Told } from '../conversation/latest-facts.ts';
import { saveFacts } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { eraseDecisions, settleDecisions } from '../decision/decision.store.ts';
import { saveLintSettings } from '../lint/lint-setting.store.ts';
import { notePart } from '../erasure/note-part.ts';
import { eraseQuestions } from '../knowledge/gap/gap.store.ts';
import { changeTexts, eraseTexts, saveTexts } from '../message/message-text.store.ts';
import { eraseDrafts, noteSent } from '../translation/message/message-translation.store.ts';

/** Follows the conversations: what they are like, what became of decisions about them, whose buyers were erased. */
export function conversationsConsumer(deps: { readonly outbox: Pick<Outbox, 'append'> }): ConsumerSpec<DB> {
  const follow = (trx: Transaction<DB>, events: readonly Told[]) => saveFacts(trx, latestFacts(events));
  return {
    name: 'automation.conversations',
    on: {
      'conversation.message-added': async (trx, events) => {
        await follow(trx, events);
        await noteSent(trx, events.flatMap(sentBy));
        await saveTexts(trx, events);
      },
      'conversation.message-changed': changeTexts,
      'conversation.changed': follow,
      'conversation.lint-settings-changed': saveLintSettings,
      'conversation.decision-settled': (trx, events) =>
        settleDecisions(
          trx,
          events.map(({ event }) => ({ ...event.data, tenantId: event.tenantId, settledAt: event.occurredAt })),
        ),
      'conversation.buyer-erased': (trx, events) =>
        notePart(deps, trx, 'conversation', events, async (conversation) => [
          ...(await eraseDecisions(trx, conversation)),
          ...(await eraseDrafts(trx, conversation)),
          ...(await eraseTexts(trx, conversation)),
          ...(await eraseQuestions(trx, conversation)),
        ]),
    },
  };
}

/** A reply that was sent; it may be one that was translated before. */
function sentBy({ event: { tenantId, data } }: Delivered<'conversation.message-added'>) {
  const { messageId, conversation, direction, text } = data;
  return direction === 'outbound' && text !== null
    ? [{ tenantId, messageId, conversationId: conversation.conversationId, text }]
    : [];
}
