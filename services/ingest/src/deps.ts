import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { ChannelAdapter, PlatformContext } from './channel/channel.port.ts';
import type { PictureSource } from './channel/picture-source.ts';
import type { Channel } from '@crossdesk/contracts';
import type { IngestMetrics } from './metrics.ts';

/** Statements are written out in SQL: the tables are known to Postgres, the rows to the functions that read them. */
export type Tables = unknown;
export type Trx = Transaction<Tables>;

/** What the parts of this service are made of. */
export interface IngestDeps {
  readonly runtime: ServiceRuntime<Tables>;
  readonly metrics: IngestMetrics;
  readonly adapters: Readonly<Record<Channel, ChannelAdapter>>;
  /** Makes calls to platforms, with time-outs and size limits. */
  readonly call: PlatformContext['call'];
  /** Fetches pictures that agents send, for platforms that want their bytes. */
  readonly pictures: Pick<PictureSource, 'fetch'>;
  /** Seals credentials and webhook tokens. */
  readonly sealingKey: Buffer;
  /** Where platforms reach this service: the start of every webhook address, without a slash at the end. */
  readonly publicWebhookUrl: string;
  readonly allowPrivateAddresses: boolean;
  /** The longest a call to a platform takes. */
  readonly platformTimeoutMs: number;
}
