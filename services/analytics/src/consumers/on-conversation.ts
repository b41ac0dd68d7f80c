import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { counterChanges, factKey, latestFacts, type Told } from '../inbox/inbox.domain.ts';
import { addToCounters, lockFacts, noteProgress, saveFacts } from '../inbox/inbox.store.ts';

/** The events after which a conversation may count as something else. */
type Counted = Delivered<
  | 'conversation.message-added'
  | 'conversation.changed'
  | 'conversation.delivery-changed'
  | 'conversation.note-added'
  | 'conversation.marks-changed'
  | 'conversation.sla-breached'
  | 'conversation.regrouped'
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
    'conversation.marks-changed': count,
    'conversation.sla-breached': count,
    'conversation.regrouped': count,
  },
};

async function count(trx: Transaction<DB>, events: readonly Counted[]): Promise<void> {
  const told = events.map(toldBy);
  const counted = new Map((await lockFacts(trx, told)).map((fact) => [factKey(fact), fact]));
  const newer = latestFacts(counted, told);
  const replaced = newer.flatMap((fact) => counted.get(factKey(fact)) ?? []);
  const changes = counterChanges(replaced, newer);
  if (newer.length > 0) await saveFacts(trx, newer);
  if (changes.length > 0) await addToCounters(trx, changes);
  await noteProgress(
    trx,
    events.map(({ event }) => ({ tenantId: event.tenantId, countedUntil: event.recordedAt })),
  );
}

function toldBy({ event }: Counted): Told {
  const { tenantId, aggregateVersion: version } = event;
  const told = { tenantId, version, conversation: event.data.conversation, isAnswer: false, delivery: null };
  switch (event.type) {
    case 'conversation.message-added':
      return { ...told, isAnswer: event.data.author === 'agent' || event.data.author === 'seller' };
    case 'conversation.delivery-changed': {
      const { messageId, status } = event.data;
      return { ...told, delivery: { messageId, isAbnormal: status === 'failed' || status === 'unknown' } };
    }
    default:
      return told;
  }
}
