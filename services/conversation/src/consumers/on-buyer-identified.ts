import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { touched } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, keyText, lockConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';

/** Stores the name that the platform reported later; the last one wins. The event does not tell the name. */
export async function takeBuyerNames(
  { outbox, clock, log }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
  trx: Transaction<DB>,
  identified: readonly Delivered<'ingest.buyer-identified'>[],
): Promise<void> {
  const named = identified.filter(({ event }) => event.data.buyer.name !== null);
  const keys = named.map(({ event }) => ({ tenantId: event.tenantId, id: event.data.conversationId }));
  const conversations = await lockConversations(trx, keys);
  const changes: ConversationChange[] = [];
  for (const cause of named) {
    const { event } = cause;
    const key = keyText({ tenantId: event.tenantId, id: event.data.conversationId });
    const before = conversations.get(key);
    if (before === undefined) {
      log.warn({ eventId: event.id }, 'a buyer was identified in an unknown conversation');
      continue;
    }
    if (before.buyerName === event.data.buyer.name) continue;
    const after = { ...touched(before), buyerName: event.data.buyer.name };
    const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
    conversations.set(key, after);
    changes.push({ before, after, events: [conversationChanged(told, 'buyer-named', before.state)] });
  }
  await saveChanges({ outbox, clock }, trx, changes);
}
