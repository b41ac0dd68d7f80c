import type { Buyer, DeliveryFailure, MessageContent, MessageId } from '@crossdesk/contracts';
import type { OutgoingFile, PlatformContext } from './platform.port.ts';

/** One reply to deliver. `messageId` is the same in every attempt: the key for platforms that take one. */
export interface OutgoingMessage {
  readonly messageId: MessageId;
  readonly externalThreadId: string;
  readonly buyer: Buyer;
  readonly content: MessageContent;
  /** The uploaded file of the content, for channels with `files`. */
  readonly upload: UploadedFile | null;
  /** The file of the content, if there is one and the sender needs it. */
  readonly file?: OutgoingFile;
  /** The latest message of the thread as it was recorded, if there is one and the sender needs it. */
  readonly answered?: AnsweredMessage;
}

export interface AnsweredMessage {
  readonly externalMessageId: string;
  /** `NormalisedMessage.raw`. */
  readonly raw: string;
}

/** The platform's answer to the upload of a file: an address or an id. */
export interface UploadedFile {
  readonly url: string | null;
  readonly mediaId: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** The place of a message on the platform: its time, and its order within the thread as in `NormalisedMessage`. */
export interface PlatformPosition {
  readonly occurredAt: Date;
  readonly sequence: string | null;
}

export type SendOutcome =
  | {
      readonly status: 'accepted';
      readonly externalMessageId: string | null;
      /** Present if the answer tells it. */
      readonly position?: PlatformPosition;
    }
  /** The platform refused for good. */
  | { readonly status: 'rejected'; readonly failure: DeliveryFailure; readonly detail: string }
  /** The platform certainly did not execute it. It may be tried again after the pause. */
  | { readonly status: 'retry'; readonly afterMs: number; readonly detail: string }
  /** The platform takes nothing from this account until the pause is over; the message itself is not the cause. */
  | { readonly status: 'limited'; readonly afterMs: number; readonly detail: string }
  /** The token is expired or refused: refresh it once, then try again. Certainly not executed. */
  | { readonly status: 'unauthorised'; readonly detail: string }
  /** May or may not have been executed. */
  | { readonly status: 'unknown'; readonly detail: string };

/** The buyer does not see an upload, so it may always be repeated. */
export type UploadOutcome =
  | { readonly status: 'uploaded'; readonly file: UploadedFile }
  | Exclude<SendOutcome, { readonly status: 'accepted' | 'unknown' }>;

export interface Sender {
  /** What a message has to be sent with, on platforms where files are part of it or where it names the one it answers. */
  readonly needs?: readonly ('file' | 'answered')[];
  /** Delivers one reply. @throws PlatformCallError and nothing else */
  send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome>;
}

/** For platforms where a file is uploaded before a message can refer to it. */
export interface Files {
  /** Whether a message may have an address outside of the platform instead. */
  readonly takesAddresses: boolean;
  /** @throws PlatformCallError and nothing else */
  upload(context: PlatformContext, file: OutgoingFile): Promise<UploadOutcome>;
}
