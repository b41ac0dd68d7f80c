import {
  type ChannelAdapter,
  type Picture,
  PlatformCallError,
  type PlatformContext,
  type SendOutcome,
  type UploadOutcome,
} from '@crossdesk/channels/adapters';
import { fileTypeFromBuffer } from 'file-type';
import type { IngestDeps } from '../deps.ts';
import { FileError } from '../platform/file-source.ts';
import type { IntentRow } from './delivery.store.ts';

const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

type Refused = Extract<SendOutcome, { readonly status: 'rejected' | 'retry' }>;

/**
 * The picture of a reply, for a platform that needs its bytes; null when there is nothing to upload. It sends nothing.
 */
export async function pictureOf(
  { files, platformTimeoutMs: timeoutMs }: Pick<IngestDeps, 'files' | 'platformTimeoutMs'>,
  { pictures: uploads, record }: ChannelAdapter,
  { content }: IntentRow,
): Promise<Picture | Refused | null> {
  const limits = record.capabilities.pictures;
  if (content.kind !== 'image' || uploads === null || limits === null) return null;
  if (content.url === null) return unfit('the picture has no address');
  try {
    const bytes = await files.fetch({ url: content.url, bytesMax: limits.bytesMax, timeoutMs });
    const { mime: mimeType = '' } = (await fileTypeFromBuffer(bytes)) ?? {};
    if (!pictureTypes.includes(mimeType))
      return unfit('the file at the address is not a JPEG, PNG, GIF or WebP picture');
    if (limits.mimeTypes.includes(mimeType)) return { bytes, mimeType };
    return unfit(`this channel takes ${limits.mimeTypes.join(', ')}, not ${mimeType}`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
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
