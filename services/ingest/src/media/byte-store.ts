import type { Readable } from 'node:stream';

/** A part of a file, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredContent {
  /** Exactly this many. */
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly mimeType: string;
}

/** Keeps bytes under names such as `tenant/ab/message`. Every method may fail; the caller tries again later. */
export interface ByteStore {
  /** Complete when it resolves; replaces what has the name. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>, mimeType: string): Promise<void>;
  /** As `put`, without having the bytes in memory. When the content ends with an error, nothing has the name. */
  putStream(name: string, content: StoredContent): Promise<void>;
  /** Null when nothing has the name. */
  read(name: string, range: ByteRange | null): Promise<Readable | null>;
  /** Succeeds also when nothing has the name. */
  remove(name: string): Promise<void>;
}
