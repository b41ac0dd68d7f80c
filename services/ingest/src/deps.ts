import type { Channel } from '@crossdesk/channels';
import type { ChannelAdapter, PlatformContext } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { DB, Trx } from './db.ts';
import type { DeliveryKey, DeliveryReport } from './delivery/delivery-report.ts';
import type { IncomingFact } from './fact.ts';
import type { IngestMetrics } from './metrics.ts';
import type { PictureSource } from './platform/picture-source.ts';

/** What the parts of this service are made of. */
export interface IngestDeps {
  readonly runtime: ServiceRuntime<DB>;
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
  /** Where everything ends that platforms tell, whether it was pushed, polled or read back. */
  readonly intake: (trx: Trx, facts: readonly IncomingFact[]) => Promise<void>;
  /** An account can be asked again: what waited for that is due. */
  readonly onConnected: (trx: Trx, tenantId: TenantId, accountId: ChannelAccountId) => Promise<void>;
  /** Records what became of a reply. False when it told nothing new. */
  readonly reportDelivery: (trx: Trx, key: DeliveryKey, report: DeliveryReport) => Promise<boolean>;
}
