import { type AnyEventDraft, causedByEvent } from '@crossdesk/service-kit';
import * as original from '../../../../services/conversation/src/consumers/on-message-received.ts';
import {
  aggregateOf,
  lockConversation,
  saveConversations,
} from '../../../../services/conversation/src/conversation/conversation.store.ts';
import { measuredDraft, newTypes, wordCountOf } from '../measured.ts';

export * from '../../../../services/conversation/src/consumers/on-message-received.ts';

/** Publishes the length of each message after the message. */
export const takeMessages: typeof original.takeMessages = async (deps, trx, received) => {
  await original.takeMessages(deps, trx, received);
  const drafts: AnyEventDraft[] = [];
  for (const one of received) {
    const { tenantId, data } = one.event;
    const { conversationId, messageId } = data;
    const conversation = await lockConversation(trx, { tenantId, id: conversationId });
    if (conversation === null) throw new Error('the conversation of a message that was just taken is missing');
    const measured = { ...conversation, version: conversation.version + 1 };
    await saveConversations(trx, [measured]);
    const context = { aggregate: aggregateOf(measured), origin: causedByEvent(one) };
    drafts.push(
      measuredDraft(newTypes.conversation, { conversationId, messageId, wordCount: wordCountOf(data) }, context),
    );
  }
  await deps.outbox.append(trx, drafts);
};
