import type { MediaKey } from './media.store.ts';

/** The names of a file and its thumbnail in the media store: folders of a few thousand files each. */
export function namesOf({ tenant_id: tenantId, message_id: messageId }: MediaKey) {
  const file = `${tenantId}/${messageId.slice(-2)}/${messageId}`;
  return { file, thumbnail: `${file}.thumbnail` };
}
