import {
  type AnyEventDraft,
  causedByEvent,
  crashPoint,
  type Delivered,
  eraseHistory,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { ErasedRows } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { eraseCases } from '../case/case-entry.store.ts';
import { type Conversation, withoutBuyer } from '../conversation/conversation.domain.ts';
import { aggregateOf, findConversation, lockConversations } from '../conversation/conversation.store.ts';
import { segmentsOfThread } from '../conversation/segment.store.ts';
import { eraseTexts } from '../attribute/attribute.store.ts';
import { eraseActivityTexts } from '../conversation/activity.store.ts';
import { eraseNotes } from '../note/note.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import { eraseReasons } from '../merge/regrouping.store.ts';
import { eraseDrafts } from '../draft/draft.store.ts';
import { forgetMarks } from '../customer-mark/customer-mark.store.ts';
import type { DB } from '../db.ts';
import { forgetCustomerMarks } from '../routing/routing.store.ts';
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
    const locked = await lockHolders(trx, one);
    if (locked.length === 0) log.warn({ eventId: one.event.id }, 'a buyer was erased in an unknown conversation');
    const now = clock.now();
    const marks = await eraseMarks(trx, one);
    const changes: ConversationChange[] = [];
    for (const before of locked) {
      const after = withoutBuyer(before, now);
      changes.push({ before, after, events: toldOf(one, after, [...(await eraseContent(trx, after)), ...marks]) });
    }
    await saveChanges({ outbox, clock }, trx, changes);
  }
}

/**
 * The conversations that have something of a thread: the one with its id, the one that has its messages, and those that
 * have a part of it. They are erased as a whole: people put them together because they are of one buyer.
 */
async function lockHolders(trx: Transaction<DB>, { event: { tenantId, data } }: Erased): Promise<Conversation[]> {
  const thread = { tenantId, id: data.conversationId };
  const holders = (await segmentsOfThread(trx, thread)).map(({ conversationId: id }) => ({ tenantId, id }));
  const present = await findConversation(trx, thread);
  const others = present === null ? [] : [{ tenantId, id: present.id }];
  return [...(await lockConversations(trx, [thread, ...others, ...holders])).values()];
}

/** What crm tells later of a customer who is erased is that they have no marks. */
async function eraseMarks(trx: Transaction<DB>, { event: { tenantId, data } }: Erased) {
  const { tags, tiers } = await forgetMarks(trx, [{ tenantId, customerId: data.customerId }]);
  return [
    { table: 'customer_tag', count: tags },
    { table: 'customer_tier', count: tiers },
  ];
}

async function eraseContent(trx: Transaction<DB>, { tenantId, id }: Conversation) {
  return [
    { table: 'conversation', count: 1 },
    { table: 'message', count: await eraseMessages(trx, tenantId, id) },
    { table: 'note', count: await eraseNotes(trx, tenantId, id) },
    { table: 'search_document', count: await deleteDocumentsOf(trx, tenantId, id) },
    ...(await eraseCases(trx, tenantId, id)),
    { table: 'attribute_value', count: await eraseTexts(trx, tenantId, id) },
    { table: 'activity', count: await eraseActivityTexts(trx, tenantId, id) },
    { table: 'draft', count: await eraseDrafts(trx, tenantId, id) },
    { table: 'regrouping', count: await eraseReasons(trx, tenantId, id) },
    { table: 'routing_record', count: await forgetCustomerMarks(trx, tenantId, id) },
    ...(await eraseHistory(trx, tenantId, [id])),
  ];
}

/** The first event informs readers of the conversation, in its order; the second is the proof. */
function toldOf(cause: Erased, conversation: Conversation, rows: ErasedRows): AnyEventDraft[] {
  const { erasureId, customerId } = cause.event.data;
  const conversationId = conversation.id;
  const common = { aggregate: aggregateOf(conversation), origin: causedByEvent(cause) };
  return [
    { ...common, type: 'conversation.buyer-erased', data: { erasureId, customerId, conversationId } },
    {
      ...common,
      type: 'conversation.personal-data-erased',
      data: { erasureId, conversationId, rows: [...rows] },
    },
  ];
}
