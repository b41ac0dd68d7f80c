import type { EventData, NoteId } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';

/** Tells that there is a note and whose it is, never what it says. */
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
