import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly text: string;
  /** The size that the directory claims; without it the real one. */
  readonly claimedBytes?: number;
}

/** A zip archive of these files, not compressed. */
export function aZip(...entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text, claimedBytes } of entries) {
    const [named, data] = [Buffer.from(name), Buffer.from(text)];
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(data.length, 4);
    sizes.writeUInt32LE(claimedBytes ?? data.length, 8);
    const lengths = Buffer.from([named.length, 0, 0, 0]);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(at);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), Buffer.alloc(10), sizes, lengths]);
    files.push(local, named, data);
    const head = Buffer.concat([Buffer.from('PK\u0001\u0002', 'latin1'), Buffer.alloc(12), sizes, lengths]);
    directory.push(head, Buffer.alloc(10), place, named);
    at += local.length + named.length + data.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Uint8Array.from(Buffer.concat([...files, listed, end]));
}
