import { type AnyEventDraft, causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { joinConversations } from '../conversation/join-conversations.domain.ts';
import { noMarks } from '../conversation/marks.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import {
  aggregateOf,
  keyText,
  lockConversation,
  lockConversations,
  lockOrCreateConversations,
  redirectJoined,
} from '../conversation/conversation.store.ts';
import { moveSegmentsOf, segmentsOfThread } from '../conversation/segment.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { deleteMessages, moveMessages } from '../message/message.store.ts';
import { moveActivities } from '../conversation/activity.store.ts';
import { moveDrafts } from '../draft/draft.store.ts';
import { moveCaseLinks } from '../case/case-link.store.ts';
import { moveMembers } from '../member/member.store.ts';
import { moveNotes } from '../note/note.store.ts';
import { moveReadMarks } from '../conversation/read-mark.store.ts';
import { moveValues } from '../attribute/attribute.store.ts';
import { moveTags } from '../tag/tag.store.ts';

type Joined = Delivered<'ingest.threads-joined'>;

/**
 * Moves messages and notes of conversations into those that they were joined into. All messages of the joined
 * conversation came before in the order of its key; the other one may not have its first message yet.
 */
export async function takeJoins(
  { outbox, clock, log }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
  trx: Transaction<DB>,
  joined: readonly Joined[],
): Promise<void> {
  for (const one of joined) {
    const pair = await lockPair(trx, one);
    if (pair === null) {
      log.warn({ eventId: one.event.id }, 'an unknown conversation was joined into another one');
      continue;
    }
    const { from, into } = pair;
    const { tenantId } = from;
    const duplicates = await deleteMessages(
      trx,
      tenantId,
      one.event.data.duplicates.map(({ messageId }) => messageId),
    );
    const thread = { tenantId, id: one.event.data.intoConversationId };
    // The messages that named no segment are of the thread that both are now.
    const segmentId = into.id === thread.id ? null : ((await segmentsOfThread(trx, thread))[0]?.id ?? null);
    await moveMessages(trx, tenantId, from.id, { conversationId: into.id, segmentId });
    await moveSegmentsOf(trx, tenantId, from.id, into.id);
    await moveNotes(trx, tenantId, from.id, into.id);
    await moveValues(trx, tenantId, from.id, into.id);
    await moveTags(trx, tenantId, from.id, into.id);
    await redirectJoined(trx, from, into.id);
    const after = joinConversations(from, into, duplicates);
    await moveActivities(trx, tenantId, from.id, into.id);
    await moveMembers(trx, tenantId, from.id, into.id);
    await moveCaseLinks(trx, tenantId, from.id, into.id);
    await moveDrafts(trx, tenantId, from.id, into.id);
    await moveReadMarks(trx, tenantId, from.id, after.into);
    await saveChanges({ outbox, clock }, trx, [
      { before: from, after: after.from, events: [toldOf(one, after.from, from)] },
      { before: into, after: after.into, events: [toldOf(one, after.into, into)] },
    ]);
  }
}

/** Both conversations, locked in the order of their ids. Null when the joined one is unknown or joined already. */
async function lockPair(
  trx: Transaction<DB>,
  { event: { tenantId, data } }: Joined,
): Promise<{ readonly from: Conversation; readonly into: Conversation } | null> {
  const fromKey = { tenantId, id: data.conversationId };
  const intoKey = { tenantId, id: data.intoConversationId };
  const locked = await lockConversations(trx, [fromKey, intoKey]);
  const from = locked.get(keyText(fromKey));
  if (from === undefined || from.joinedInto !== null) return null;
  if (!locked.has(keyText(intoKey))) {
    const { number: _, ...rest } = from;
    const first = {
      ...rest,
      id: intoKey.id,
      unreadCount: 0,
      waitingSince: null,
      marks: noMarks,
      assigneeId: null,
      version: 0,
      revision: 0,
      contentVersion: 0,
      inboundSeq: 0,
    };
    await lockOrCreateConversations(trx, [{ ...first, state: 'handled' }]);
  }
  // The other one may have been joined into a third one.
  const into = await lockConversation(trx, intoKey);
  return into === null ? null : { from, into };
}

function toldOf(cause: Joined, after: Conversation, before: Conversation): AnyEventDraft {
  const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
  return conversationChanged(told, 'joined', before.state);
}
