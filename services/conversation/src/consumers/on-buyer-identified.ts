import type { Delivered, Logger } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { keyText, lockConversations, saveConversations } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';

/** Shows the name that the platform told later; the last one told wins. A name is no change that anyone has to see happen. */
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
      log.warn({ eventId: event.id }, 'a buyer was identified in a conversation that is not here');
    else conversations.set(key, { ...conversation, buyerName: event.data.buyer.name });
  }
  await saveConversations(trx, [...conversations.values()]);
}
