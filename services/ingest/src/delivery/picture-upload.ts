import {
  type ChannelAdapter,
  type Picture,
  PlatformCallError,
  type PlatformContext,
  type SendOutcome,
  type UploadOutcome,
} from '@crossdesk/channels/adapters';
import type { IngestDeps } from '../deps.ts';
import { PictureError } from '../platform/picture-source.ts';
import type { IntentRow } from './delivery.store.ts';

type Refused = Extract<SendOutcome, { readonly status: 'rejected' | 'retry' }>;

/**
 * The picture of a reply, for a platform that needs its bytes; null when there is nothing to upload. It sends nothing.
 */
export async function pictureOf(
  { pictures }: Pick<IngestDeps, 'pictures'>,
  { pictures: uploads, record }: ChannelAdapter,
  { content }: IntentRow,
): Promise<Picture | Refused | null> {
  const limits = record.capabilities.pictures;
  if (content.kind !== 'image' || uploads === null || limits === null) return null;
  if (content.url === null) return unfit('the picture has no address');
  try {
    const picture = await pictures.fetch(content.url, limits.bytesMax);
    if (limits.mimeTypes.includes(picture.mimeType)) return picture;
    return unfit(`this channel takes ${limits.mimeTypes.join(', ')}, not ${picture.mimeType}`);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return error.mayComeLater ? { status: 'retry', afterMs: 0, detail: error.message } : unfit(error.message);
  }
}

/** Uploads a picture. Nothing reaches the buyer even if the connection fails, so it may be repeated. */
export async function upload(
  { pictures }: ChannelAdapter,
  context: PlatformContext,
  picture: Picture,
): Promise<UploadOutcome> {
  if (pictures === null) throw new Error('this channel takes no uploads');
  try {
    return await pictures.upload(context, picture);
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    return { status: 'retry', afterMs: 0, detail: error.message };
  }
}

function unfit(detail: string): Refused {
  return { status: 'rejected', failure: 'INVALID_REQUEST', detail };
}
