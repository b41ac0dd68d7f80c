import type { UploadKey } from './upload.store.ts';

/** The names of an upload and its thumbnail in the media store. */
export function namesOfUpload({ tenant_id: tenantId, id }: UploadKey) {
  const file = `${tenantId}/${id.slice(-2)}/${id}`;
  return { file, thumbnail: `${file}.thumbnail` };
}
