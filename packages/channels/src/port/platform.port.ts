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

/** A mail to hand over to a server (RFC 6409). */
export interface MailSubmission {
  /** `smtps://host:465`, encrypted from the start, or `smtp://host:587`, encrypted by STARTTLS before the sign-in. */
  readonly server: string;
  /** Null for a server that asks for no sign-in. */
  readonly signIn: MailSignIn | null;
  /** The envelope; the headers of the mail may name others. */
  readonly from: string;
  readonly to: string;
  /** The whole mail with its headers, from the beginning. */
  mail(): AsyncIterable<Uint8Array>;
}

export interface MailSignIn {
  readonly user: string;
  /** A password, or an access token for XOAUTH2. */
  readonly secret: string;
  readonly isToken: boolean;
}

/** The last answer of a mail server, and what it answered to. */
export interface MailReply {
  readonly to: 'connection' | 'sign-in' | 'sender' | 'recipient' | 'mail';
  /** 250 for an accepted mail; 4xx: not now; 5xx: not like this. */
  readonly code: number;
  /** With the enhanced status code (RFC 3463) if the server gives one. */
  readonly text: string;
}

/** Mails of a folder to read (RFC 9051). Nothing in it is marked or moved. */
export interface MailboxRead {
  /** `imaps://host:993`, encrypted from the start, or `imap://host:143`, encrypted by STARTTLS before the sign-in. */
  readonly server: string;
  readonly signIn: MailSignIn;
  readonly folder: string;
  /** The last mail that was read; ids of another validity name other mails. Null at first. */
  readonly after: { readonly validity: string; readonly uid: number } | null;
  /** Without a known mail: those that arrived since this day. */
  readonly since: Date;
}

/** The next mails, lowest id first; some of many. `uid` is the last that was read, also if there are no mails. */
export interface MailboxPage {
  readonly validity: string;
  readonly uid: number;
  readonly mails: readonly { readonly body: Uint8Array; readonly receivedAt: Date }[];
  readonly hasMore: boolean;
}

/** What an adapter needs for calls: clients with time-outs and size limits, and the clock. */
export interface CallContext<At extends Endpoint = Endpoint> {
  readonly account: At;
  /** @throws PlatformCallError */
  readonly call: (request: PlatformRequest) => Promise<PlatformResponse>;
  /** @throws PlatformCallError when the server gave no answer; it may have taken the mail if all of it was sent */
  readonly submit: (submission: MailSubmission) => Promise<MailReply>;
  /** @throws PlatformRefusal when the sign-in or the folder is refused, PlatformCallError */
  readonly readMailbox: (asked: MailboxRead) => Promise<MailboxPage>;
  readonly now: () => Date;
}

/** Calls in the name of a connected account. */
export type PlatformContext = CallContext<ChannelAccount>;
