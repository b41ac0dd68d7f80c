import type { PlatformContext } from './platform.port.ts';

/** Where the bytes of a file are now. */
export interface FileAddress {
  readonly url: string;
  /** The headers the address needs. Those of the account go to hosts of the platform only. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Files of messages that have an id and no address of their own. */
export type Media = PlatformMedia | DeliveredMedia;

/** The platform gives a file by its id. */
export interface PlatformMedia {
  readonly from: 'platform';
  /**
   * Asked just before the bytes are fetched, because such an address is valid for minutes. Null when the platform no
   * longer has the file. @throws PlatformRefusal, PlatformCallError
   */
  locate(context: PlatformContext, mediaId: string): Promise<FileAddress | null>;
}

/** The file is a part of the delivery that brought its message. */
export interface DeliveredMedia {
  readonly from: 'delivery';
  /** The bytes of the file in the kept bytes of the delivery; null when they are not there. */
  extract(delivery: Uint8Array, mediaId: string): Promise<Uint8Array<ArrayBuffer> | null>;
}
