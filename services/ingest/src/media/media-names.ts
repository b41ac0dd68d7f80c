import type { MediaFile } from './media.store.ts';

/** The names of a file and its thumbnail in the media store, where an uploaded file has that of its upload: folders of a few thousand files each. */
export function namesOf({ tenant_id: tenantId, message_id: messageId, upload_id: uploadId }: MediaFile) {
  const id = uploadId ?? messageId;
  const file = `${tenantId}/${id.slice(-2)}/${id}`;
  return { file, thumbnail: `${file}.thumbnail` };
}
