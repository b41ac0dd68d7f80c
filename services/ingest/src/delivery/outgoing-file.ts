import {
  type ChannelAdapter,
  type OutgoingFile,
  PlatformCallError,
  type PlatformContext,
  type SendOutcome,
  type UploadOutcome,
} from '@crossdesk/channels/adapters';
import type { MessageContent } from '@crossdesk/contracts';
import { fileTypeFromBuffer } from 'file-type';
import type { IngestDeps } from '../deps.ts';
import { namesOf } from '../media/media-names.ts';
import { findMedia, type MediaRow } from '../media/media.store.ts';
import { FileError } from '../platform/file-source.ts';
import type { IntentRow } from './delivery.store.ts';

const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
/** How long a system that gets the address of a file may fetch it. */
const addressMs = 24 * 3_600_000;

type Refused = Extract<SendOutcome, { readonly status: 'rejected' | 'retry' }>;
type FileDeps = Pick<IngestDeps, 'runtime' | 'media' | 'files' | 'platformTimeoutMs'>;

/** The content to send, and the file that the platform needs the bytes of; null when it needs none. */
export interface Outgoing {
  readonly content: MessageContent;
  readonly file: OutgoingFile | null;
}

/** Whether the bytes of a file go to the platform: uploaded before the message, or as a part of it. */
function takesBytes({ files, sender }: ChannelAdapter): boolean {
  return files !== null || sender?.needs?.includes('file') === true;
}

/** Prepares what a reply consists of. It sends nothing. */
export async function outgoingOf(
  deps: FileDeps,
  adapter: ChannelAdapter,
  { tenant_id: tenantId, message_id: messageId, content }: IntentRow,
): Promise<Outgoing | Refused> {
  if ('uploadId' in content) {
    const [row] = await deps.runtime.db.forTenant(tenantId, (trx) => findMedia(trx, tenantId, [messageId]));
    if (row?.state !== 'ready') return unfit('the file is no longer here: upload it again and send it anew');
    return takesBytes(adapter)
      ? { content, file: storedFile(deps, row) }
      : { content: atAddress(deps, content, row), file: null };
  }
  if (content.kind !== 'image' || !takesBytes(adapter) || adapter.files?.takesAddresses === true)
    return { content, file: null };
  const file = await pictureAt(deps, adapter, content.url);
  return 'status' in file ? file : { content, file };
}

type FileContent = Extract<MessageContent, { readonly kind: 'image' | 'video' | 'audio' | 'file' }>;

/** For a channel that takes files by their address. */
function atAddress({ media, runtime }: FileDeps, content: FileContent, row: MediaRow): MessageContent {
  const { uploadId: _uploadId, bytes: _bytes, ...rest } = content;
  const expiresAt = new Date(runtime.clock.now().getTime() + addressMs);
  const link = { tenantId: row.tenant_id, messageId: row.message_id, expiresAt } as const;
  const thumbnailUrl = row.thumbnail_type === null ? null : media.links.addressOf({ ...link, part: 'thumbnail' });
  return { ...rest, url: media.links.addressOf({ ...link, part: 'file' }), thumbnailUrl };
}

function storedFile({ media }: FileDeps, row: MediaRow): OutgoingFile {
  const { file } = namesOf(row);
  return {
    mimeType: row.mime_type ?? '',
    fileName: row.file_name ?? 'file',
    bytes: row.bytes ?? 0,
    async *open() {
      const content = await media.store.read(file, null);
      if (content === null) throw new Error('a file is missing in the media store');
      yield* content as AsyncIterable<Uint8Array>;
    },
  };
}

/** The picture at an address that a person gave. */
async function pictureAt(
  { files, platformTimeoutMs: timeoutMs }: FileDeps,
  { record }: ChannelAdapter,
  url: string | null,
): Promise<OutgoingFile | Refused> {
  const { bytesMax = null, mimeTypes = null } = record.capabilities.files.image ?? {};
  if (url === null) return unfit('the picture has no address');
  try {
    const bytes = await files.fetch({ url, bytesMax: bytesMax ?? pictureBytesMax, timeoutMs });
    const { mime: mimeType = '', ext = '' } = (await fileTypeFromBuffer(bytes)) ?? {};
    if (!pictureTypes.includes(mimeType))
      return unfit('the file at the address is not a JPEG, PNG, GIF or WebP picture');
    if (mimeTypes?.includes(mimeType) === false)
      return unfit(`this channel takes ${mimeTypes.join(', ')}, not ${mimeType}`);
    const open = async function* () {
      yield bytes;
    };
    return { mimeType, fileName: `picture.${ext}`, bytes: bytes.byteLength, open };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.mayComeLater ? { status: 'retry', afterMs: 0, detail: error.message } : unfit(error.message);
  }
}

/** For a channel that names no limit. */
const pictureBytesMax = 10 * 1024 * 1024;

/** Uploads a file. Nothing reaches the buyer even if the connection fails, so it may be repeated. */
export async function upload(
  { files }: ChannelAdapter,
  context: PlatformContext,
  file: OutgoingFile,
): Promise<UploadOutcome> {
  if (files === null) throw new Error('this channel takes no uploads');
  try {
    return await files.upload(context, file);
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    return { status: 'retry', afterMs: 0, detail: error.message };
  }
}

function unfit(detail: string): Refused {
  return { status: 'rejected', failure: 'INVALID_REQUEST', detail };
}
