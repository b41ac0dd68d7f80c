import type { MediaFailure, MessageContent } from '@crossdesk/contracts';
import type { Inspection } from './inspection.domain.ts';

/** The kinds of messages that have a file. */
export type MediaKind = 'image' | 'video' | 'audio' | 'file' | 'sticker';

/** Where the platform has the file. Forgotten when the buyer is erased. */
export interface MediaSource {
  readonly url: string | null;
  readonly mediaId: string | null;
  /** The platform's own still picture of a video. */
  readonly thumbnailUrl: string | null;
  /** The kept bytes that have the file, on channels where it is part of the delivery. */
  readonly rawId?: string;
}

/** The file of a message, before it is fetched. */
export interface MediaToFetch {
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly fileName: string | null;
}

/** The file that a message has; null for a message without one, and for a sticker that is only a name. */
export function fileOf(content: MessageContent, hasFilesById: boolean): MediaToFetch | null {
  switch (content.kind) {
    case 'image':
    case 'video':
    case 'audio':
    case 'file': {
      const { kind, url, mediaId, thumbnailUrl, fileName } = content;
      return { kind, source: { url, mediaId, thumbnailUrl }, fileName: cleanFileName(fileName) };
    }
    case 'sticker': {
      const { kind, url, stickerId: mediaId } = content;
      if (!URL.canParse(url ?? '') && (mediaId === null || !hasFilesById)) return null;
      return { kind, source: { url, mediaId, thumbnailUrl: null }, fileName: null };
    }
    default:
      return null;
  }
}

const pictureTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
/** What browsers show or play and cannot execute. All other files can only be saved. */
const inlineTypes: ReadonlySet<string> = new Set([
  ...pictureTypes,
  ...['video/mp4', 'video/webm', 'video/quicktime', 'video/3gpp'],
  ...['audio/mpeg', 'audio/mp4', 'audio/x-m4a', 'audio/ogg', 'audio/aac', 'audio/amr', 'audio/wav', 'audio/flac'],
]);
export const unknownType = 'application/octet-stream';
/** More pixels than any platform accepts: opening such a picture fills the memory of a browser. */
const pixelsMax = 100_000_000;

export function isShownInline(mimeType: string): boolean {
  return inlineTypes.has(mimeType);
}

/** Whether the bytes are what the kind of the message promises: a page under the address of a picture is not. */
export function findUnsafe(kind: MediaKind, { mimeType, width, height }: Inspection): MediaFailure | null {
  const family = mimeType?.split('/')[0];
  switch (kind) {
    case 'image':
    case 'sticker': {
      if (!pictureTypes.includes(mimeType ?? '') || width === null || height === null) return 'UNSAFE';
      return width * height > pixelsMax ? 'UNSAFE' : null;
    }
    case 'video':
      return family === 'video' ? null : 'UNSAFE';
    case 'audio':
      return family === 'audio' || family === 'video' || mimeType === 'application/ogg' ? null : 'UNSAFE';
    case 'file':
      return null;
  }
}

/** Nine tries in about fourteen hours: shorter than any platform keeps a file. */
const triesMax = 9;
const firstPauseMs = 5_000;
const pauseMsMax = 6 * 3_600_000;

/** The pause before the next try; null after the last one. */
export function retryInMs(tries: number): number | null {
  return tries >= triesMax ? null : Math.min(firstPauseMs * 4 ** (tries - 1), pauseMsMax);
}

/** How long a file waits for an account that a person has to connect again. */
export const accessWaitMsMax = 7 * 86_400_000;

const nameCharactersMax = 200;

/** The name without folders and control characters, as people may save it. */
export function cleanFileName(name: string | null): string | null {
  const last =
    name
      ?.split(/[/\\]/)
      .at(-1)
      ?.replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
      .trim() ?? '';
  return last === '' || last === '.' || last === '..' ? null : last.slice(-nameCharactersMax).toWellFormed();
}
