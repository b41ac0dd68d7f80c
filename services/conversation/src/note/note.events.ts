import type { EventData, NoteId } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';

/** Contains that a note was added and its author, never its text. */
export function noteAdded(
  changed: ChangedConversation,
  note: { readonly id: NoteId; readonly agentId: EventData<'conversation.note-added'>['agentId'] },
): EventDraft<'conversation.note-added'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.note-added',
    origin: changed.origin,
    data: { conversation: snapshotOf(changed.conversation), noteId: note.id, agentId: note.agentId },
  };
}
