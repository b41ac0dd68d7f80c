import { type AnyEventDraft, causedByEvent, type Clock, type Delivered, type Outbox } from '@crossdesk/service-kit';
import { distance } from 'fastest-levenshtein';
import type { Transaction } from 'kysely';
import { lockForEvents } from '../analysis/analysis.store.ts';
import type { DB, Row } from '../db.ts';
import { outcomeIn } from './suggestion.domain.ts';
import { suggestionSettled } from './suggestion.events.ts';
import { lockOpen, settle } from './suggestion.store.ts';

type Added = Delivered<'conversation.message-added'>;

/** Settles the suggestions that people sent, as they were or edited, without saying so. */
export async function noteReplies(
  { outbox, clock }: { readonly outbox: Pick<Outbox, 'append'>; readonly clock: Clock },
  trx: Transaction<DB>,
  events: readonly Added[],
): Promise<void> {
  const sent = events.filter(({ event: { data } }) => data.author === 'agent' && data.text !== null);
  const taken = (await lockOpen(trx, sent.map(conversationOf))).flatMap((row) => takenIn(row, sent) ?? []);
  for (const { row, outcome } of taken) await settle(trx, row, outcome, clock.now());
  const aggregates = await lockForEvents(
    trx,
    taken.map(({ cause }) => conversationOf(cause)),
  );
  const drafts = taken.flatMap(({ row, outcome, cause }, n): AnyEventDraft[] => {
    const aggregate = aggregates[n];
    const settled = { outcome, isObserved: true };
    return aggregate === undefined ? [] : [suggestionSettled(aggregate, row, settled, causedByEvent(cause))];
  });
  await outbox.append(trx, drafts);
}

function conversationOf({ event: { tenantId, data } }: Added) {
  return { tenantId, conversationId: data.conversation.conversationId };
}

/** The reply that a suggestion was sent with; null if there is none. */
function takenIn(row: Row<'suggestion'>, sent: readonly Added[]) {
  for (const cause of sent) {
    const { tenantId, conversationId } = conversationOf(cause);
    if (tenantId !== row.tenant_id || conversationId !== row.conversation_id) continue;
    const outcome = outcomeIn(row.text, cause.event.data.text ?? '', distance);
    if (outcome !== null) return { row, outcome, cause };
  }
  return null;
}
