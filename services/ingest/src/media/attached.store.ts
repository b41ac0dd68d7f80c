import type { ConversationId, MessageId, NoteId, TenantId, UploadId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { presentConversations } from '../thread/join.store.ts';
import { mediaColumns, type MediaRow } from './media.store.ts';

/** An upload that becomes the file of a message or note. */
export interface AttachedUpload {
  readonly tenantId: TenantId;
  readonly uploadId: UploadId;
  /** The message, or a name of its own for a file of a note. */
  readonly messageId: MessageId;
  readonly noteId: NoteId | null;
  readonly conversationId: ConversationId;
}

/**
 * Gives uploads to messages and notes. Their rows are locked, so that nobody drops them meanwhile; one that was dropped
 * before is recorded as gone.
 */
export async function attachUploads(trx: Trx, attached: readonly AttachedUpload[]): Promise<MediaRow[]> {
  const tenantIds = attached.map(({ tenantId }) => tenantId);
  const uploadIds = attached.map(({ uploadId }) => uploadId);
  const conversationIds = await presentConversations(trx, attached);
  await sql`
    select 1 from upload
    where (tenant_id, id) in (select * from unnest(${tenantIds}::uuid[], ${uploadIds}::uuid[]))
    order by tenant_id, id for key share`.execute(trx);
  const { rows } = await sql<MediaRow>`
    insert into media (tenant_id, message_id, note_id, conversation_id, account_id, kind, source, file_name, state, failure,
      mime_type, bytes, width, height, duration_ms, thumbnail_type, due_at, stored_at, upload_id)
    select a.tenant_id, a.message_id, a.note_id, a.conversation_id, t.account_id, coalesce(u.kind, 'file'),
      '{"url":null,"mediaId":null,"thumbnailUrl":null}', u.file_name, case when u.id is null then 'failed' else 'ready' end,
      case when u.id is null then 'GONE' end, u.mime_type, u.bytes, u.width, u.height, u.duration_ms, u.thumbnail_type, null,
      now(), u.id
    from unnest(${tenantIds}::uuid[], ${uploadIds}::uuid[], ${attached.map((a) => a.messageId)}::uuid[],
      ${attached.map((a) => a.noteId)}::uuid[], ${conversationIds}::uuid[])
      as a (tenant_id, upload_id, message_id, note_id, conversation_id)
    join thread t on t.tenant_id = a.tenant_id and t.conversation_id = a.conversation_id
    left join upload u on u.tenant_id = a.tenant_id and u.id = a.upload_id and u.state = 'ready'
    on conflict do nothing
    returning ${mediaColumns}`.execute(trx);
  return rows;
}
