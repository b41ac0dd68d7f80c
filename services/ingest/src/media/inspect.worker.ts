import { PhotonImage, resize, rotate, SamplingFilter } from '@cf-wasm/photon';
import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';
import { parseBuffer } from 'music-metadata';
import { parentPort } from 'node:worker_threads';
import { readArchive } from './archive.ts';
import type { InspectedFile, Thumbnail } from './inspection.domain.ts';

/** Larger pictures have no thumbnail: opening one takes four bytes a pixel, and a container has 384 MB. */
const thumbnailPixelsMax = 16_000_000;
const thumbnailSide = 320;
const jpegQuality = 80;
/** EXIF orientations of a camera held sideways or upside down, and how far to turn the picture. */
const turns: Readonly<Partial<Record<number, number>>> = { 3: 180, 6: 90, 8: 270 };

/** Opens bytes of strangers, apart from the process: whatever they do to a parser ends with this thread. */
parentPort?.on('message', (bytes: Uint8Array<ArrayBuffer>) => {
  void inspect(bytes).then((found) => parentPort?.postMessage({ found, bytes }, [bytes.buffer]));
});

async function inspect(bytes: Uint8Array<ArrayBuffer>): Promise<InspectedFile> {
  const mimeType = await typeOf(bytes);
  const nothing = { width: null, height: null, durationMs: null, thumbnail: null, isOpened: null };
  const common = { ...nothing, mimeType, isText: mimeType === null && isText(bytes), archive: readArchive(bytes) };
  const family = mimeType?.split('/')[0];
  if (mimeType === null) return common;
  if (family === 'image') return { ...common, ...inspectPicture(bytes, mimeType) };
  if (family === 'audio' || family === 'video' || mimeType === 'application/ogg')
    return { ...common, durationMs: await durationOf(bytes, mimeType) };
  return common;
}

/** Without parameters, such as the codec of a recording. */
async function typeOf(bytes: Uint8Array): Promise<string | null> {
  const found = await fileTypeFromBuffer(bytes);
  return found?.mime.split(';')[0] ?? null;
}

/** In any encoding that has ASCII in it: no control characters but those of lines and tabs. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
}

function inspectPicture(bytes: Uint8Array, mimeType: string) {
  try {
    const { width, height, orientation = 1 } = imageSize(bytes);
    const isOnSide = orientation >= 5;
    const size = { width: isOnSide ? height : width, height: isOnSide ? width : height };
    if (width * height > thumbnailPixelsMax) return size;
    return { ...size, ...draw(bytes, mimeType, turns[orientation] ?? 0) };
  } catch {
    return { isOpened: false };
  }
}

/** A picture that is small itself has no thumbnail. */
function draw(bytes: Uint8Array, mimeType: string, turn: number): Pick<InspectedFile, 'thumbnail' | 'isOpened'> {
  try {
    using picture = PhotonImage.new_from_byteslice(bytes);
    const [width, height] = [picture.get_width(), picture.get_height()];
    const scale = thumbnailSide / Math.max(width, height);
    if (scale >= 1) return { thumbnail: null, isOpened: true };
    const side = (length: number): number => Math.max(1, Math.round(length * scale));
    using small = resize(picture, side(width), side(height), SamplingFilter.Triangle);
    using turned = turn === 0 ? null : rotate(small, turn);
    return { thumbnail: thumbnailOf(turned ?? small, mimeType), isOpened: true };
  } catch {
    return { thumbnail: null, isOpened: false };
  }
}

/** Only a JPEG has certainly nothing transparent. */
function thumbnailOf(drawn: PhotonImage, mimeType: string): Thumbnail {
  return mimeType === 'image/jpeg'
    ? { bytes: new Uint8Array(drawn.get_bytes_jpeg(jpegQuality)), mimeType }
    : { bytes: new Uint8Array(drawn.get_bytes_webp()), mimeType: 'image/webp' };
}

async function durationOf(bytes: Uint8Array, mimeType: string): Promise<number | null> {
  try {
    const { format } = await parseBuffer(bytes, mimeType, { skipCovers: true });
    const seconds = format.duration ?? 0;
    return seconds > 0 && seconds < 1_000_000 ? Math.round(seconds * 1_000) : null;
  } catch {
    return null;
  }
}
