import type { Authorisation, Tokens } from './authorisation.port.ts';
import type { Connection } from './account.port.ts';
import type { Buyers, Messages, Orders, Threads } from './reading.port.ts';
import type { ChannelRecord } from './record.ts';
import type { Pictures, Sender } from './sending.port.ts';
import type { Webhooks } from './webhooks.port.ts';

/** What a channel may have. A facet that a platform does not offer is null. */
export interface Facets {
  readonly webhooks: Webhooks | null;
  readonly threads: Threads | null;
  readonly messages: Messages | null;
  readonly orders: Orders | null;
  readonly buyers: Buyers | null;
  readonly pictures: Pictures | null;
  readonly tokens: Tokens | null;
  readonly authorisation: Authorisation | null;
  readonly sender: Sender | null;
}

export type Facet = keyof Facets;

/**
 * One platform behind one interface. Adapters are pure but for `context.call`: they hold no state, open no socket and
 * know no database, so that the conformance suite can prove each of them.
 */
export interface ChannelAdapter extends Facets {
  readonly record: ChannelRecord;
  readonly connection: Connection;
  /** Why each facet that is null is missing, in a sentence for people. */
  readonly lacks: Readonly<Partial<Record<Facet, string>>>;
}
