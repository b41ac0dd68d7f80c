import type { UploadId } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import type { Note } from './note.store.ts';

/** Contains that a note was added, its author and whom it calls, never its text. */
export function noteAdded(
  changed: ChangedConversation,
  { id, agentId, mentionedIds }: Pick<Note, 'id' | 'agentId' | 'mentionedIds'>,
  files: readonly { readonly uploadId: UploadId }[] = [],
): EventDraft<'conversation.note-added'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.note-added',
    origin: changed.origin,
    data: {
      conversation: snapshotOf(changed.conversation),
      noteId: id,
      agentId,
      mentionedAgentIds: [...mentionedIds],
      ...(files.length === 0 ? {} : { uploadIds: files.map(({ uploadId }) => uploadId) }),
    },
  };
}
