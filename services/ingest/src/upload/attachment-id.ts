import type { Attachments } from '@crossdesk/service-kit';
import { attachMsMax } from './upload.domain.ts';
import type { UploadRow } from './upload.store.ts';

/** The name under which others attach the file; null while it cannot be attached. */
export function attachmentIdOf({ attachments }: { readonly attachments: Attachments }, row: UploadRow): string | null {
  const { state, kind, mime_type: mimeType } = row;
  if (state !== 'ready' || kind === null || mimeType === null) return null;
  return attachments.nameOf({
    tenantId: row.tenant_id,
    uploadId: row.id,
    purpose: row.purpose,
    kind,
    mimeType,
    bytes: row.bytes,
    fileName: row.file_name,
    validUntil: new Date(row.created_at.getTime() + attachMsMax),
  });
}
