/** What the bytes of a file are, found in the bytes themselves. */
export interface Inspection {
  /** Null for bytes without a known mark, such as text and HTML. */
  readonly mimeType: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
}

export interface Thumbnail {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mimeType: string;
}

/** What the directory of a zip archive says; its entries are not unpacked. */
export interface ArchiveContents {
  readonly names: readonly string[];
  readonly unpackedBytes: number;
}

export interface InspectedFile extends Inspection {
  /** Null when there is none, or when the picture is as small itself. */
  readonly thumbnail: Thumbnail | null;
  /** Whether a picture could be drawn; null for other files and for a picture that is too large to try. */
  readonly isOpened: boolean | null;
  /** Bytes without a known mark that have no control characters. */
  readonly isText: boolean;
  /** The archive that the bytes are or end with. */
  readonly archive: ArchiveContents | 'unreadable' | null;
}
