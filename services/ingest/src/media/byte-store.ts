import type { Readable } from 'node:stream';

/** A part of a file, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Keeps bytes under names such as `tenant/ab/message`. Every method may fail; the caller tries again later. */
export interface ByteStore {
  /** Complete when it resolves; replaces what has the name. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>, mimeType: string): Promise<void>;
  /** Null when nothing has the name. */
  read(name: string, range: ByteRange | null): Promise<Readable | null>;
  /** Succeeds also when nothing has the name. */
  remove(name: string): Promise<void>;
}
