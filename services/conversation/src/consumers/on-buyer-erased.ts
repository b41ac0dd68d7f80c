import {
  type AnyEventDraft,
  causedByEvent,
  crashPoint,
  type Delivered,
  eraseHistory,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { eraseCases } from '../case/case-entry.store.ts';
import { withoutBuyer } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { eraseNotes } from '../note/note.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import { eraseDrafts } from '../draft/draft.store.ts';
import type { DB } from '../db.ts';
import { deleteDocumentsOf } from '../search/search-document.store.ts';
import { eraseMessages } from '../message/message.store.ts';

type Erased = Delivered<'ingest.buyer-erased'>;

/**
 * Erases the content of conversations whose buyers ingest has erased: everything before the event in the order of the
 * key.
 */
export async function eraseBuyers(
  { outbox, log, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'log' | 'clock'>,
  trx: Transaction<DB>,
  erased: readonly Erased[],
): Promise<void> {
  for (const one of erased) {
    // Ingest has committed its erasure; this schema still has everything.
    crashPoint('erasure-step-committed', 'conversation');
    const { tenantId, data } = one.event;
    const locked = await lockConversation(trx, { tenantId, id: data.conversationId });
    if (locked === null) {
      log.warn({ eventId: one.event.id }, 'a buyer was erased in an unknown conversation');
      continue;
    }
    const conversation = withoutBuyer(locked, clock.now());
    const rows = [
      { table: 'conversation', count: 1 },
      { table: 'message', count: await eraseMessages(trx, tenantId, conversation.id) },
      { table: 'note', count: await eraseNotes(trx, tenantId, conversation.id) },
      { table: 'search_document', count: await deleteDocumentsOf(trx, tenantId, conversation.id) },
      ...(await eraseCases(trx, tenantId, conversation.id)),
      { table: 'draft', count: await eraseDrafts(trx, tenantId, conversation.id) },
      ...(await eraseHistory(trx, tenantId, [conversation.id])),
    ];
    const events = toldOf(one, aggregateOf(conversation), rows);
    await saveChanges({ outbox, clock }, trx, [{ before: locked, after: conversation, events }]);
  }
}

/** The first event informs readers of the conversation, in its order; the second is the proof. */
function toldOf(
  cause: Erased,
  aggregate: ReturnType<typeof aggregateOf>,
  rows: Awaited<ReturnType<typeof eraseHistory>>,
): AnyEventDraft[] {
  const { erasureId, customerId, conversationId } = cause.event.data;
  const common = { aggregate, origin: causedByEvent(cause) };
  return [
    { ...common, type: 'conversation.buyer-erased', data: { erasureId, customerId, conversationId } },
    {
      ...common,
      type: 'conversation.personal-data-erased',
      data: { erasureId, conversationId, rows: [...rows] },
    },
  ];
}
