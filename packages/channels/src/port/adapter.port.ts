import type { Authorisation, Tokens } from './authorisation.port.ts';
import type { Connection } from './account.port.ts';
import type { Media } from './media.port.ts';
import type { Buyers, Messages, Orders, Threads } from './reading.port.ts';
import type { ChannelRecord } from './record.ts';
import type { Files, Sender } from './sending.port.ts';
import type { Webhooks } from './webhooks.port.ts';

/** The facets of a channel. A facet that the platform does not offer is null. */
export interface Facets {
  readonly webhooks: Webhooks | null;
  readonly threads: Threads | null;
  readonly messages: Messages | null;
  readonly orders: Orders | null;
  readonly buyers: Buyers | null;
  readonly media: Media | null;
  readonly files: Files | null;
  readonly tokens: Tokens | null;
  readonly authorisation: Authorisation | null;
  readonly sender: Sender | null;
}

export type Facet = keyof Facets;

/**
 * One platform behind one interface. Adapters are pure except for `context.call`: they hold no state, open no socket and
 * know no database, so that the conformance suite can test each of them completely.
 */
export interface ChannelAdapter extends Facets {
  readonly record: ChannelRecord;
  readonly connection: Connection;
  /** The reason for each facet that is null, in a sentence for people. */
  readonly lacks: Readonly<Partial<Record<Facet, string>>>;
}
