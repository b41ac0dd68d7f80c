import type { Delivered, Logger } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { keyText, lockConversations, saveConversations } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';

/** Stores the name that the platform reported later; the last one wins. No event is published for a name. */
export async function takeBuyerNames(
  log: Logger,
  trx: Transaction<DB>,
  identified: readonly Delivered<'ingest.buyer-identified'>[],
): Promise<void> {
  const named = identified.filter(({ event }) => event.data.buyer.name !== null);
  const keys = named.map(({ event }) => ({ tenantId: event.tenantId, id: event.data.conversationId }));
  const conversations = await lockConversations(trx, keys);
  for (const { event } of named) {
    const key = keyText({ tenantId: event.tenantId, id: event.data.conversationId });
    const conversation = conversations.get(key);
    if (conversation === undefined)
      log.warn({ eventId: event.id }, 'a buyer was identified in an unknown conversation');
    else conversations.set(key, { ...conversation, buyerName: event.data.buyer.name });
  }
  await saveConversations(trx, [...conversations.values()]);
}
