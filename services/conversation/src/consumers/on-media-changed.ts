import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { aggregateOf, keyText, lockConversations } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { mediaChanged } from '../message/message.events.ts';

type Changed = Delivered<'ingest.media-changed'>;

/**
 * Tells the inbox that the file of a message can be opened, or not. Ingest keeps the file and its state; here it only
 * becomes an event in the order of the conversation. Three statements a batch.
 */
export async function tellMedia(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  changed: readonly Changed[],
): Promise<void> {
  const conversations = await lockConversations(trx, changed.map(conversationKeyOf));
  const after = new Map<string, Conversation>();
  const changes: ConversationChange[] = [];
  for (const cause of changed) {
    const key = keyText(conversationKeyOf(cause));
    const before = after.get(key) ?? conversations.get(key);
    if (before === undefined) continue;
    const conversation = touched(before);
    after.set(key, conversation);
    const { messageId, state } = cause.event.data;
    const told = { aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(cause) };
    changes.push({ before, after: conversation, events: [mediaChanged(told, { messageId, state })] });
  }
  await saveChanges({ outbox, clock }, trx, changes);
}

function conversationKeyOf({ event }: Changed) {
  return { tenantId: event.tenantId, id: event.data.conversationId };
}
