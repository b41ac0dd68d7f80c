import type { ArchiveContents } from './inspection.domain.ts';

const endSignature = 0x06_05_4b_50;
const endBytes = 22;
const commentBytesMax = 65_535;
const entrySignature = 0x02_01_4b_50;
const entryBytes = 46;
const entriesMax = 10_000;

/**
 * Reads the directory at the end of a zip archive. Null when the bytes do not end with one; 'unreadable' when it is broken,
 * or larger than any document needs.
 */
export function readArchive(bytes: Uint8Array): ArchiveContents | 'unreadable' | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) return null;
  const [count, directoryBytes] = [view.readUInt16LE(end + 10), view.readUInt32LE(end + 12)];
  const start = end - directoryBytes;
  if (start < 0 || count > entriesMax) return 'unreadable';
  const names: string[] = [];
  let unpackedBytes = 0;
  let at = start;
  for (let entry = 0; entry < count; entry += 1) {
    if (at + entryBytes > end || view.readUInt32LE(at) !== entrySignature) return 'unreadable';
    const nameBytes = view.readUInt16LE(at + 28);
    unpackedBytes += view.readUInt32LE(at + 24);
    names.push(view.toString('utf8', at + entryBytes, at + entryBytes + nameBytes));
    at += entryBytes + nameBytes + view.readUInt16LE(at + 30) + view.readUInt16LE(at + 32);
  }
  return { names, unpackedBytes };
}

/** The end record stands last; only a comment may follow, whose length it tells. */
function findEnd(view: Buffer): number | null {
  const last = view.length - endBytes;
  for (let at = last; at >= Math.max(0, last - commentBytesMax); at -= 1)
    if (view.readUInt32LE(at) === endSignature && view.readUInt16LE(at + 20) === last - at) return at;
  return null;
}
