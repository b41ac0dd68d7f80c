import type { Buyer, DeliveryFailure, MessageContent, MessageId } from '@crossdesk/contracts';
import type { Picture, PlatformContext } from './platform.port.ts';

/** One reply to deliver. `messageId` is the same in every attempt: the key for platforms that take one. */
export interface OutgoingMessage {
  readonly messageId: MessageId;
  readonly externalThreadId: string;
  readonly buyer: Buyer;
  readonly content: MessageContent;
  /** The picture of the content as the platform keeps it, for channels with `pictures`. */
  readonly upload: UploadedPicture | null;
}

/** What a platform gave back for a picture. */
export interface UploadedPicture {
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** Where a platform puts a message: its time, and its own order within the thread as in `NormalisedMessage`. */
export interface PlatformPosition {
  readonly occurredAt: Date;
  readonly sequence: string | null;
}

export type SendOutcome =
  | {
      readonly status: 'accepted';
      readonly externalMessageId: string | null;
      /** Where the answer tells it. */
      readonly position?: PlatformPosition;
    }
  /** The platform refused for good. */
  | { readonly status: 'rejected'; readonly failure: DeliveryFailure; readonly detail: string }
  /** The platform certainly did not execute and may be asked again, not before the pause is over. */
  | { readonly status: 'retry'; readonly afterMs: number; readonly detail: string }
  /** The platform takes nothing more from this account before the pause is over; this message is not to blame. */
  | { readonly status: 'limited'; readonly afterMs: number; readonly detail: string }
  /** The token is expired or refused: refresh once, then try again. Certainly not executed. */
  | { readonly status: 'unauthorised'; readonly detail: string }
  /** May or may not have been executed. */
  | { readonly status: 'unknown'; readonly detail: string };

/** The buyer sees nothing of an upload: whatever came of it, it may be made again. */
export type UploadOutcome =
  | { readonly status: 'uploaded'; readonly picture: UploadedPicture }
  | Exclude<SendOutcome, { readonly status: 'accepted' | 'unknown' }>;

export interface Sender {
  /** Delivers one reply. @throws PlatformCallError and nothing else */
  send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome>;
}

/** For platforms that take the bytes of a picture before a message may name it. */
export interface Pictures {
  /** @throws PlatformCallError and nothing else */
  upload(context: PlatformContext, picture: Picture): Promise<UploadOutcome>;
}
