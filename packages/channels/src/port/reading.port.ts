import type { Buyer, PlatformOrder } from '@crossdesk/contracts';
import type { ChannelAccount } from './account.port.ts';
import type { PlatformContext } from './platform.port.ts';
import type { NormalisedMessage } from './webhooks.port.ts';

/** An element of a list that cannot be read, or only in part. */
export interface UnreadableElement {
  readonly reason: string;
  /** The JSON of the element, with all that is needed to read it again. */
  readonly raw: string;
}

/** The elements of a list. One that cannot be read does not hide the others. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly unreadable: readonly UnreadableElement[];
}

/** Reads the `raw` of an unreadable element again. @throws UnparsableDelivery */
export type ReadAgain<Item> = (account: Pick<ChannelAccount, 'externalAccountId'>, raw: string) => Listed<Item>;

/** A page of a platform's list. `cursor` is opaque and stored unchanged; `hasMore` asks for the next page at once. */
export interface Page<Item> extends Listed<Item> {
  readonly cursor: string;
  readonly hasMore: boolean;
}

export interface ChangedThread {
  readonly externalThreadId: string;
  /** The buyer if the list tells them, otherwise null. */
  readonly buyer: Buyer | null;
}

/** A page of changed threads, and the elements of the list that name no thread. */
export interface ChangedThreads {
  readonly threads: readonly ChangedThread[];
  readonly unreadable: readonly UnreadableElement[];
  readonly next: string;
}

/** Conversations that can be listed and read. Every method throws PlatformRefusal or PlatformCallError. */
export interface Threads {
  /**
   * One page of the threads that changed since an instant. `page` is "" for the first page, then the `next` of the
   * previous page; `next` is "" after the last page with changes.
   */
  listChanged(context: PlatformContext, since: Date, page: string): Promise<ChangedThreads>;
  /** The messages of a thread since an instant, in any order. `buyer` is the buyer from the list of threads. */
  read(
    context: PlatformContext,
    externalThreadId: string,
    since: Date,
    buyer: Buyer | null,
  ): Promise<Listed<NormalisedMessage>>;
  /** Reads one of its unreadable elements again. */
  readonly readAgain: ReadAgain<NormalisedMessage>;
}

/** Messages in one list, for platforms without threads. Throws PlatformRefusal or PlatformCallError. */
export interface Messages {
  /** Messages since the cursor; "" = messages of the last day. */
  list(context: PlatformContext, cursor: string): Promise<Page<NormalisedMessage>>;
  readonly readAgain: ReadAgain<NormalisedMessage>;
}

/** Every method throws PlatformRefusal or PlatformCallError. */
export interface Orders {
  /** Orders changed since the cursor; "" = orders changed in the last 15 days. */
  list(context: PlatformContext, cursor: string): Promise<Page<PlatformOrder>>;
  /** Null when the platform does not know the order. */
  fetch(context: PlatformContext, externalOrderId: string): Promise<Listed<PlatformOrder> | null>;
  readonly readAgain: ReadAgain<PlatformOrder>;
}

/** Details of a buyer that the platform gives apart from their messages. */
export interface Buyers {
  /** Null if the platform knows nothing. @throws PlatformRefusal, PlatformCallError */
  fetch(context: PlatformContext, externalThreadId: string): Promise<Buyer | null>;
}
