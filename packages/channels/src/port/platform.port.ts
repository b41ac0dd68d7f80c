import type { ChannelAccount, Endpoint } from './account.port.ts';

export interface PlatformRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Sends a form with this one file as the body; `body` is null then. */
  readonly file?: FormFile;
}

export interface FormFile {
  readonly field: string;
  /** The other fields of the form. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly file: OutgoingFile;
}

/** A file whose type was found in its bytes. */
export interface OutgoingFile {
  readonly mimeType: string;
  readonly fileName: string;
  readonly bytes: number;
  /** The bytes from the beginning; a call that is repeated opens the file again. */
  open(): AsyncIterable<Uint8Array>;
}

export interface PlatformResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an adapter needs for calls: one client with time-outs and size limits, and the clock. */
export interface CallContext<At extends Endpoint = Endpoint> {
  readonly account: At;
  /** @throws PlatformCallError */
  readonly call: (request: PlatformRequest) => Promise<PlatformResponse>;
  readonly now: () => Date;
}

/** Calls in the name of a connected account. */
export type PlatformContext = CallContext<ChannelAccount>;
