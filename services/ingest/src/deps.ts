import type { Channel } from '@crossdesk/channels';
import type { ChannelAdapter, PlatformContext } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, TenantId, UploadId } from '@crossdesk/contracts';
import type { Keyring, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB, Trx } from './db.ts';
import type { DeliveryKey, DeliveryReport } from './delivery/delivery-report.ts';
import type { IncomingFact } from './fact.ts';
import type { IngestMetrics } from './metrics.ts';
import type { MediaDeps } from './media/media-deps.ts';
import type { UploadDeps } from './upload/upload-deps.ts';
import type { FileSource } from './platform/file-source.ts';

/** The dependencies of all parts of this service. */
export interface IngestDeps {
  readonly runtime: ServiceRuntime<DB>;
  readonly metrics: IngestMetrics;
  readonly adapters: Readonly<Record<Channel, ChannelAdapter>>;
  /** Makes calls to platforms, with time-outs and size limits. */
  readonly call: PlatformContext['call'];
  /** Hands mails over to the servers of stores. */
  readonly submit: PlatformContext['submit'];
  /** Reads the mailboxes of stores. */
  readonly readMailbox: PlatformContext['readMailbox'];
  /** Calls the addresses of others that events are pushed to. */
  readonly callReceiver: PlatformContext['call'];
  /** Fetches files from addresses that people and platforms give. */
  readonly files: Pick<FileSource, 'fetch'>;
  readonly media: MediaDeps;
  readonly uploads: UploadDeps;
  /** Lets the worker look for files that are due now. */
  readonly nudgeMedia: () => void;
  /** Removes the bytes of an upload if no message or note has it any more. */
  readonly dropUpload: (tenantId: TenantId, uploadId: UploadId) => Promise<void>;
  /** Lets the dropper look for uploads that are due now. */
  readonly nudgeUploads: () => void;
  /** Seals credentials and webhook tokens. */
  readonly sealingKey: Keyring;
  /**
   * The address at which platforms reach this service, without a slash at the end. Every webhook address starts with
   * it.
   */
  readonly publicWebhookUrl: string;
  readonly allowPrivateAddresses: boolean;
  /** The longest time a call to a platform may take. */
  readonly platformTimeoutMs: number;
  /** How many days are read when an account is connected for the first time; 0: none. */
  readonly backfillDays: number;
  /** The pause behind each page that is read again. */
  readonly resyncPauseMs: number;
  /** How long a reply waits for an account that lost its authorisation. */
  readonly replyWaitMs: number;
  /** Records everything that platforms report, whether it was pushed, polled or read back. */
  readonly intake: (trx: Trx, facts: readonly IncomingFact[]) => Promise<void>;
  /** To be called when an account can be asked again: makes the work that waited for it due. */
  readonly onConnected: (trx: Trx, tenantId: TenantId, accountId: ChannelAccountId) => Promise<void>;
  /** Records the outcome of a reply. False when it contained nothing new. */
  readonly reportDelivery: (trx: Trx, key: DeliveryKey, report: DeliveryReport) => Promise<boolean>;
}
