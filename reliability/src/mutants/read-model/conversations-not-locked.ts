import * as original from '../../../../services/conversation/src/conversation/conversation.store.ts';

export * from '../../../../services/conversation/src/conversation/conversation.store.ts';

/** Reads conversations that are about to change without locking them. */
export const lockConversation: typeof original.lockConversation = async (trx, { tenantId, id }) =>
  (await original.conversationsByIds(trx, tenantId, [id])).get(id) ?? null;

export const lockConversations: typeof original.lockConversations = async (trx, keys) => {
  const found: Awaited<ReturnType<typeof original.lockConversations>> = new Map();
  for (const key of keys) {
    const conversation = await lockConversation(trx, key);
    if (conversation !== null) found.set(original.keyText(key), conversation);
  }
  return found;
};
