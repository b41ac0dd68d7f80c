import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { counterChanges, type Fact, factKey, latestFacts } from '../inbox/inbox.domain.ts';
import { addToCounters, lockFacts, noteProgress, saveFacts } from '../inbox/inbox.store.ts';

/** The events that contain a snapshot of their conversation. */
type Told = Delivered<
  'conversation.message-added' | 'conversation.changed' | 'conversation.delivery-changed' | 'conversation.note-added'
>;

/** Updates the counters of the inbox by the difference that a batch makes, in as many statements as for one event. */
export const onConversation: ConsumerSpec<DB> = {
  name: 'analytics.inbox',
  // The same function for all: events of all these types are counted in one call.
  on: {
    'conversation.message-added': count,
    'conversation.changed': count,
    'conversation.delivery-changed': count,
    'conversation.note-added': count,
  },
};

async function count(trx: Transaction<DB>, events: readonly Told[]): Promise<void> {
  const latest = latestFacts(events.map(({ event }) => factOf(event)));
  const counted = new Map((await lockFacts(trx, latest)).map((fact) => [factKey(fact), fact]));
  const newer = latest.filter((fact) => fact.version > (counted.get(factKey(fact))?.version ?? 0));
  const replaced = newer.flatMap((fact) => counted.get(factKey(fact)) ?? []);
  if (newer.length > 0) {
    await saveFacts(trx, newer);
    await addToCounters(trx, counterChanges(replaced, newer));
  }
  await noteProgress(
    trx,
    events.map(({ event }) => ({ tenantId: event.tenantId, countedUntil: event.recordedAt })),
  );
}

function factOf({ tenantId, aggregateVersion, data }: Told['event']): Fact {
  const { conversationId, accountId, channel, state, unreadCount, joinedInto } = data.conversation;
  const isJoined = joinedInto !== undefined && joinedInto !== null;
  return { tenantId, conversationId, accountId, channel, state, unreadCount, isJoined, version: aggregateVersion };
}
