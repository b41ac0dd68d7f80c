import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import {
  deleteDocumentsOf,
  moveDocuments,
  placeDocuments,
  saveMissingTexts,
  saveTexts,
} from '../search/search-document.store.ts';
import { textsOfConversations, textsOfMessages, textsOfNotes, textsOfOrders } from '../search/search-text.store.ts';

type MessageTold = Delivered<'conversation.message-added'> | Delivered<'conversation.message-changed'>;

/**
 * Keeps the index of the search as the tables are. It follows the events of this service in a group of its own, so that
 * no message waits for the index. The words are read from the tables: an event only tells where to look.
 */
export function searchConsumer(): ConsumerSpec<DB> {
  return {
    name: 'conversation.search',
    on: {
      'conversation.message-added': indexMessages,
      'conversation.message-changed': indexMessages,
      'conversation.note-added': indexNotes,
      'conversation.changed': followChanges,
      'conversation.regrouped': followRegroupings,
      'conversation.buyer-erased': forgetErased,
    },
  };
}

/** Six statements a batch, whatever the number of messages. */
async function indexMessages(trx: Transaction<DB>, told: readonly MessageTold[]): Promise<void> {
  const changed = told.filter(({ event: { data } }) => !('change' in data) || data.change !== 'reacted');
  if (changed.length === 0) return;
  const messages = changed.map(({ event: { tenantId, data } }) => ({ tenantId, id: data.messageId }));
  const conversations = changed.map(conversationOf);
  await saveTexts(trx, [
    ...(await textsOfMessages(trx, messages)),
    ...(await textsOfConversations(trx, conversations)),
  ]);
  // The order of a conversation may have been told before its first message.
  await saveMissingTexts(trx, await textsOfOrders(trx, conversations));
}

async function indexNotes(trx: Transaction<DB>, told: readonly Delivered<'conversation.note-added'>[]): Promise<void> {
  const notes = told.map(({ event: { tenantId, data } }) => ({ tenantId, id: data.noteId }));
  await saveTexts(trx, await textsOfNotes(trx, notes));
}

async function followChanges(trx: Transaction<DB>, told: readonly Delivered<'conversation.changed'>[]): Promise<void> {
  const named = told.filter(({ event }) => event.data.change === 'buyer-named').map(conversationOf);
  await saveTexts(trx, await textsOfConversations(trx, named));
  for (const { event } of told) {
    const { conversationId, joinedInto } = event.data.conversation;
    if (event.data.change === 'joined' && joinedInto !== undefined && joinedInto !== null)
      await moveDocuments(trx, event.tenantId, conversationId, joinedInto);
  }
}

/** Messages and notes are found in the conversation that has them now; one that was merged is not found any more. */
async function followRegroupings(
  trx: Transaction<DB>,
  told: readonly Delivered<'conversation.regrouped'>[],
): Promise<void> {
  for (const { event } of told) await placeDocuments(trx, event.tenantId, event.data.conversationIds);
  const keys = told.flatMap(({ event: { tenantId, data } }) => data.conversationIds.map((id) => ({ tenantId, id })));
  await saveTexts(trx, [...(await textsOfConversations(trx, keys)), ...(await textsOfOrders(trx, keys))]);
}

async function forgetErased(
  trx: Transaction<DB>,
  told: readonly Delivered<'conversation.buyer-erased'>[],
): Promise<void> {
  for (const { event } of told) await deleteDocumentsOf(trx, event.tenantId, event.data.conversationId);
  await saveTexts(
    trx,
    await textsOfConversations(
      trx,
      told.map(({ event: { tenantId, data } }) => ({ tenantId, id: data.conversationId })),
    ),
  );
}

function conversationOf({ event: { tenantId, data } }: MessageTold | Delivered<'conversation.changed'>) {
  return { tenantId, id: data.conversation.conversationId };
}
