import type { EventDraft } from '@crossdesk/service-kit';
import type { LockedThread } from '../thread/thread.store.ts';
import type { MediaRow } from './media.store.ts';

/** Null for an erased file: the erasure has its own event. */
export function mediaChanged(
  thread: LockedThread,
  row: MediaRow,
  origin: EventDraft<'ingest.media-changed'>['origin'],
): EventDraft<'ingest.media-changed'>[] {
  if (row.state === 'erased') return [];
  return [
    {
      aggregate: thread.nextAggregate(),
      type: 'ingest.media-changed',
      origin,
      data: {
        conversationId: thread.conversationId,
        messageId: row.message_id,
        accountId: thread.accountId,
        state: row.state,
        failure: row.failure,
        mimeType: row.mime_type,
        fileName: row.file_name,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        durationMs: row.duration_ms,
      },
    },
  ];
}
