import type { PlatformContext } from './platform.port.ts';

/** Where the bytes of a file are now. */
export interface FileAddress {
  readonly url: string;
  /** The headers the address needs. Those of the account go to hosts of the platform only. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Files of messages that the platform gives by an id. Others have an address of their own in the message. */
export interface Media {
  /**
   * Asked just before the bytes are fetched, because such an address is valid for minutes. Null when the platform no
   * longer has the file. @throws PlatformRefusal, PlatformCallError
   */
  locate(context: PlatformContext, mediaId: string): Promise<FileAddress | null>;
}
