import { PhotonImage, resize, rotate, SamplingFilter } from '@cf-wasm/photon';
import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';
import { parseBuffer } from 'music-metadata';
import { parentPort } from 'node:worker_threads';
import type { InspectedFile, Thumbnail } from './inspector.ts';

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
  const mimeType = (await fileTypeFromBuffer(bytes))?.mime ?? null;
  const nothing = { mimeType, width: null, height: null, durationMs: null, thumbnail: null };
  const family = mimeType?.split('/')[0];
  if (mimeType === null) return nothing;
  if (family === 'image') return { ...nothing, ...inspectPicture(bytes, mimeType) };
  if (family === 'audio' || family === 'video' || mimeType === 'application/ogg')
    return { ...nothing, durationMs: await durationOf(bytes, mimeType) };
  return nothing;
}

function inspectPicture(bytes: Uint8Array, mimeType: string) {
  try {
    const { width, height, orientation = 1 } = imageSize(bytes);
    const isOnSide = orientation >= 5;
    const thumbnail = width * height > thumbnailPixelsMax ? null : draw(bytes, mimeType, turns[orientation] ?? 0);
    return { width: isOnSide ? height : width, height: isOnSide ? width : height, thumbnail };
  } catch {
    return {};
  }
}

/** Null for a picture that is small itself, and for one that cannot be opened. */
function draw(bytes: Uint8Array, mimeType: string, turn: number): Thumbnail | null {
  try {
    using picture = PhotonImage.new_from_byteslice(bytes);
    const [width, height] = [picture.get_width(), picture.get_height()];
    const scale = thumbnailSide / Math.max(width, height);
    if (scale >= 1) return null;
    const side = (length: number): number => Math.max(1, Math.round(length * scale));
    using small = resize(picture, side(width), side(height), SamplingFilter.Triangle);
    using turned = turn === 0 ? null : rotate(small, turn);
    const drawn = turned ?? small;
    // Only a JPEG has certainly nothing transparent.
    return mimeType === 'image/jpeg'
      ? { bytes: new Uint8Array(drawn.get_bytes_jpeg(jpegQuality)), mimeType }
      : { bytes: new Uint8Array(drawn.get_bytes_webp()), mimeType: 'image/webp' };
  } catch {
    return null;
  }
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
