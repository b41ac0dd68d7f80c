/** A request as the platform sees it: the path is the platform's own, the body as it came. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** As text; signatures cover it. */
  readonly body: string;
  /** The same as bytes, for pictures and the like. */
  readonly bytes: Buffer;
  /** Named parts of the path. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless said otherwise. */
  readonly contentType?: string;
  readonly body: string | Buffer;
  /** What the platform does once the answer has left. */
  readonly afterwards?: () => void;
}
