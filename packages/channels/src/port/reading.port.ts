import type { Buyer, PlatformOrder } from '@crossdesk/contracts';
import type { PlatformContext } from './platform.port.ts';
import type { NormalisedMessage } from './webhooks.port.ts';

/** A page of a platform's list. `cursor` is opaque and stored unchanged; `hasMore` asks for the next page at once. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

export interface ChangedThread {
  readonly externalThreadId: string;
  /** The buyer if the list tells them, otherwise null. */
  readonly buyer: Buyer | null;
}

/** Conversations that can be listed and read. Every method throws PlatformRefusal or PlatformCallError. */
export interface Threads {
  /**
   * One page of the threads that changed since an instant. `page` is "" for the first page, then the `next` of the
   * previous page; `next` is "" after the last page with changes.
   */
  listChanged(
    context: PlatformContext,
    since: Date,
    page: string,
  ): Promise<{ readonly threads: readonly ChangedThread[]; readonly next: string }>;
  /** The messages of a thread since an instant, in any order. `buyer` is the buyer from the list of threads. */
  read(
    context: PlatformContext,
    externalThreadId: string,
    since: Date,
    buyer: Buyer | null,
  ): Promise<readonly NormalisedMessage[]>;
}

/** Messages in one list, for platforms without threads. Throws PlatformRefusal or PlatformCallError. */
export interface Messages {
  /** Messages since the cursor; "" = messages of the last day. */
  list(context: PlatformContext, cursor: string): Promise<Page<NormalisedMessage>>;
}

/** Every method throws PlatformRefusal or PlatformCallError. */
export interface Orders {
  /** Orders changed since the cursor; "" = orders changed in the last 15 days. */
  list(context: PlatformContext, cursor: string): Promise<Page<PlatformOrder>>;
  /** Null when the platform does not know the order. */
  fetch(context: PlatformContext, externalOrderId: string): Promise<PlatformOrder | null>;
}

/** Details of a buyer that the platform gives apart from their messages. */
export interface Buyers {
  /** Null if the platform knows nothing. @throws PlatformRefusal, PlatformCallError */
  fetch(context: PlatformContext, externalThreadId: string): Promise<Buyer | null>;
}
