import type { ConsumerSpec, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { latestFacts, type Told } from '../conversation/latest-facts.ts';
import { saveFacts } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { eraseDecisions, settleDecisions } from '../decision/decision.store.ts';
import { notePart } from '../erasure/note-part.ts';

/** Follows the conversations: what they are like, what became of decisions about them, whose buyers were erased. */
export function conversationsConsumer(deps: { readonly outbox: Pick<Outbox, 'append'> }): ConsumerSpec<DB> {
  const follow = (trx: Transaction<DB>, events: readonly Told[]) => saveFacts(trx, latestFacts(events));
  return {
    name: 'automation.conversations',
    on: {
      'conversation.message-added': follow,
      'conversation.changed': follow,
      'conversation.decision-settled': (trx, events) =>
        settleDecisions(
          trx,
          events.map(({ event }) => ({ ...event.data, tenantId: event.tenantId, settledAt: event.occurredAt })),
        ),
      'conversation.buyer-erased': (trx, events) =>
        notePart(deps, trx, 'conversation', events, (conversation) => eraseDecisions(trx, conversation)),
    },
  };
}
