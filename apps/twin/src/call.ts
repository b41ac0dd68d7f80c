/** A request as the platform sees it: the path without our prefix, the body unchanged. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, which signatures cover. */
  readonly body: string;
  /** The same body as bytes, for pictures and similar. */
  readonly bytes: Buffer;
  /** Named parts of the path. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON if left out. */
  readonly contentType?: string;
  readonly body: string | Buffer;
  /** What the platform does after it has sent the answer. */
  readonly afterwards?: () => void;
}
