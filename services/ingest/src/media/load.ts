import type { ByteStore } from './byte-store.ts';

/** Reads a file of known size into memory; null when it is not there, or not of this size. */
export async function load(store: ByteStore, name: string, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const content = await store.read(name, null);
  if (content === null) return null;
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const chunk of content as AsyncIterable<Uint8Array>) {
    if (length + chunk.byteLength > size) return null;
    bytes.set(chunk, length);
    length += chunk.byteLength;
  }
  return length === size ? bytes : null;
}
