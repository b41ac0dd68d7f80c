import {
  afterCommit,
  createHttp,
  createServiceSubgraph,
  contextKeyOf,
  mountSubgraph,
  type OpenedService,
  openService,
  type ServiceDeps,
  sealingKeyOf,
} from '@crossdesk/service-kit';
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import { type AccountDirectory, createAccountDirectory } from './account/account-directory.ts';
import { createPlatformAccess } from './account/platform-access.ts';
import type { Channel } from '@crossdesk/channels';
import { adapters, type ChannelAdapter } from '@crossdesk/channels/adapters';
import { onAnyEvent } from './consumers/on-any-event.ts';
import { onErasureRequested } from './consumers/on-erasure-requested.ts';
import { onReplyRequested } from './consumers/on-reply-requested.ts';
import { mountAuthorisations } from './authorisation/authorisation.route.ts';
import { forgetAuthorisationRequests } from './authorisation/authorisation.store.ts';
import { makeDoubtsDue } from './delivery/delivery.store.ts';
import { makeRepliesDue } from './delivery/send-pause.store.ts';
import { startReconciler } from './delivery/reconciler.ts';
import { startSender } from './delivery/sender.ts';
import type { DB, Trx } from './db.ts';
import type { IngestDeps } from './deps.ts';
import { startConsentWatch } from './authorisation/consent-watch.ts';
import { startReplyEraser } from './erasure/reply-eraser.ts';
import { intake } from './inbound/intake.ts';
import { reportDelivery } from './inbound/report-delivery.ts';
import { createLoaders } from './loaders.ts';
import { createMediaDeps, type MediaOptions } from './media/media-deps.ts';
import { mountMedia } from './media/serve-media.ts';
import { expireMedia, makeMediaDue } from './media/media.store.ts';
import { startMediaWorker } from './media/media-worker.ts';
import { createIngestMetrics } from './metrics.ts';
import { createFileSource } from './platform/file-source.ts';
import { createMailClient } from './platform/mail-client.ts';
import { createMailboxClient } from './platform/mailbox-client.ts';
import { createPlatformClient } from './platform/platform-client.ts';
import { openToLimited } from './open-to-limited.ts';
import { resolvers } from './resolvers.ts';
import { startBuyerFetcher, startOrderFetcher } from './sync/fetchers.ts';
import type { Receiving } from './sync/fetch-waiting.ts';
import { startPoller } from './sync/poller.ts';
import { backfill } from './sync/resync.commands.ts';
import { forgetResyncs } from './sync/resync.store.ts';
import { startResyncs } from './sync/resync-worker.ts';
import { createGroupCommit, type GroupCommit } from './webhook/group-commit.ts';
import { dropUpload, startUploadDropper } from './upload/drop-uploads.ts';
import { createUploadDeps } from './upload/upload-deps.ts';
import { mountUploads, uploadMsMax } from './upload/serve-uploads.ts';
import { guardIngest } from './webhook/guard.ts';
import { giveUpDeliveries, receiverTimeoutMs, startCourier } from './webhook-endpoint/courier.ts';
import { forgetWebhookEvents } from './webhook-endpoint/webhook-event.store.ts';
import { forgetIgnored } from './raw/ignored.store.ts';
import { mountWebhooks } from './webhook/webhook.route.ts';

export interface IngestOptions {
  /** The address at which platforms reach this service, without a slash at the end. */
  readonly publicWebhookUrl: string;
  /** Allows accounts with addresses of this machine or network: for a twin or a sandbox, never in production. */
  readonly allowPrivateAddresses: boolean;
  /** How often orders and lost messages are fetched. */
  readonly syncEveryMs: number;
  readonly media: MediaOptions;
  /** Addresses or networks of proxies; headers about the sender's address count only from these. */
  readonly trustedProxies: readonly string[];
  /** How long a platform may take to answer a call; the lease of a sender is longer accordingly. Default: 15 s. */
  readonly platformTimeoutMs?: number;
  /** How long a platform may take to show a message before it counts as absent. Default: the time of each channel. */
  readonly readBackSettleMs?: number | null;
  /** How many days before the end of an authorisation people are warned. Default: those of each channel. */
  readonly authorisationWarnDays?: readonly number[] | null;
  /** How long a reply waits for an account that lost its authorisation. Default: 72 hours. */
  readonly replyWaitMs?: number;
  /** How many days are read when an account is connected for the first time; 0: none. Default: 15. */
  readonly backfillDays?: number;
  /** The pause behind each page that is read again: polls come first. Default: 2 s. */
  readonly resyncPauseMs?: number;
}

export interface IngestService extends OpenedService<DB> {
  /** Webhooks and, for a gateway in another process, the signed subgraph address. */
  readonly http: FastifyInstance;
}

/** Lets workers look now. They are started after the parts that call them. */
interface Nudges {
  readonly media: () => void;
  readonly uploads: () => void;
}

const graphqlBytesMax = 1024 * 1024;
const platformTimeoutDefaultMs = 15_000;

const platformBytesMax = 8 * 1024 * 1024;
/** What a receiver of events answers is not read, but may be a page. */
const receiverBytesMax = 1024 * 1024;

export async function openIngest(serviceDeps: ServiceDeps, options: IngestOptions): Promise<IngestService> {
  const runtime = await openService<DB>(serviceDeps, {
    service: 'ingest',
    migrationsDirectory: join(import.meta.dirname, '../migrations'),
    openToLimited,
  });
  const { platformTimeoutMs: timeoutMs = platformTimeoutDefaultMs, allowPrivateAddresses } = options;
  const client = createPlatformClient({ timeoutMs, bodyBytesMax: platformBytesMax, allowPrivateAddresses });
  const receivers = createPlatformClient({
    timeoutMs: receiverTimeoutMs,
    bodyBytesMax: receiverBytesMax,
    allowPrivateAddresses,
  });
  const files = createFileSource(allowPrivateAddresses);
  const { publicWebhookUrl } = options;
  let nudge: Nudges = { media: () => undefined, uploads: () => undefined };
  const deps: IngestDeps = {
    runtime,
    nudgeMedia: () => nudge.media(),
    nudgeUploads: () => nudge.uploads(),
    dropUpload: (tenant_id, id) => dropUpload(deps, { tenant_id, id }),
    metrics: createIngestMetrics(runtime),
    adapters: adaptersWith(options),
    call: client.call,
    submit: createMailClient({ timeoutMs, allowPrivateAddresses }),
    readMailbox: createMailboxClient({ timeoutMs, allowPrivateAddresses }),
    callReceiver: receivers.call,
    files,
    media: createMediaDeps(options.media, serviceDeps.keys.of('ingest/media-links'), publicWebhookUrl),
    uploads: createUploadDeps(serviceDeps.keys, publicWebhookUrl),
    sealingKey: sealingKeyOf(serviceDeps.keys, 'ingest'),
    publicWebhookUrl,
    allowPrivateAddresses,
    platformTimeoutMs: timeoutMs,
    ...limitsOf(options),
    intake: (trx, facts) => intake(deps, trx, facts),
    onConnected: (...account) => resume(deps, ...account),
    reportDelivery: (trx, key, report) => reportDelivery(deps, trx, key, report),
  };
  const directory = createAccountDirectory(deps);
  const groupCommit = createGroupCommit(deps);
  addWork(deps, { directory, groupCommit }, options, (started) => {
    nudge = { ...nudge, ...started };
  });
  const subgraph = createServiceSubgraph(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({ request, deps, directory, ...createLoaders(deps, request) }),
  });
  const { http, guard } = openHttp(deps, directory, groupCommit, options.trustedProxies);
  http.register(async (scope) => {
    guard.limitBodies(scope);
    mountSubgraph(scope, subgraph, contextKeyOf(serviceDeps.keys, 'ingest'));
  });

  return {
    runtime,
    subgraph,
    http,
    start: () => runtime.start(),
    async stop(deadlineMs) {
      // First no more webhooks are accepted, then the accepted ones are committed.
      await http.close();
      await groupCommit.drain();
      await runtime.stop(deadlineMs);
      await client.close();
      await receivers.close();
      await files.close();
      await deps.media.inspector.close();
    },
  };
}

/** Lets everything that waited for an account be tried again. */
async function resume(deps: IngestDeps, ...account: Parameters<IngestDeps['onConnected']>): Promise<void> {
  afterCommit(account[0], deps.nudgeMedia);
  await makeDoubtsDue(...account);
  await makeRepliesDue(...account);
  await makeMediaDue(...account);
  await backfill(deps, ...account);
}

/** Everything that runs in the background: consumers, senders, pollers and jobs. */
function addWork(
  deps: IngestDeps,
  receiving: Receiving,
  { syncEveryMs, media }: IngestOptions,
  onStarted: (nudge: Partial<Nudges>) => void,
): void {
  const { runtime } = deps;
  const access = createPlatformAccess(deps, receiving.directory);
  let nudgeSender: () => void = () => undefined;
  runtime.consume(onReplyRequested(deps, () => nudgeSender()));
  runtime.consume(onErasureRequested(deps));
  runtime.addPart(() => {
    const sender = startSender(deps, access);
    nudgeSender = sender.nudge;
    return sender;
  });
  let nudgeCourier: () => void = () => undefined;
  runtime.consume(onAnyEvent(deps, () => nudgeCourier()));
  runtime.addPart(() => {
    const courier = startCourier(deps);
    nudgeCourier = courier.nudge;
    return courier;
  });
  runtime.addJob({ name: 'give up webhooks', cron: '13 * * * *', run: () => giveUpDeliveries(deps) });
  runtime.addPart(() => startReconciler(deps, access, () => nudgeSender()));
  runtime.addPart(() => startConsentWatch(deps));
  runtime.addPart(() => startResyncs(deps, access));
  runtime.addPart(() => startPoller(deps, access, receiving, syncEveryMs));
  runtime.addPart(() => startOrderFetcher(deps, access));
  runtime.addPart(() => startBuyerFetcher(deps, access));
  runtime.addPart(() => startReplyEraser(deps));
  runtime.addPart(() => {
    const dropper = startUploadDropper(deps);
    onStarted({ uploads: dropper.nudge });
    return dropper;
  });
  runtime.addPart(() => {
    const worker = startMediaWorker(deps, access);
    onStarted({ media: worker.nudge });
    return worker;
  });
  runtime.addJob({ name: 'forget', cron: '51 3 * * *', run: () => runtime.db.asWorker(forgetOld) });
  if (media.keptDays !== null) addExpiry(deps, media.keptDays);
}

async function forgetOld(trx: Trx): Promise<void> {
  await forgetAuthorisationRequests(trx);
  await forgetIgnored(trx);
  await forgetWebhookEvents(trx);
  await forgetResyncs(trx);
}

function addExpiry({ runtime }: IngestDeps, keptDays: number): void {
  const run = async () => {
    const before = new Date(runtime.clock.now().getTime() - keptDays * 86_400_000);
    await runtime.db.asWorker((trx) => expireMedia(trx, before));
  };
  runtime.addJob({ name: 'expire media', cron: '21 4 * * *', run });
}

const about =
  'the port for deliveries of platforms, at the webhookUrl of each account; the GraphQL API is at the gateway';

function openHttp(
  deps: IngestDeps,
  directory: AccountDirectory,
  groupCommit: GroupCommit,
  trustedProxies: readonly string[],
) {
  const { runtime } = deps;
  const http = createHttp(runtime.log, graphqlBytesMax, about, uploadMsMax);
  const guard = guardIngest(http, trustedProxies, deps.runtime.metrics);
  mountWebhooks(http, deps, { directory, groupCommit, guard });
  mountAuthorisations(http, deps, directory);
  mountMedia(http, deps);
  mountUploads(http, deps);
  return { http, guard };
}

/** Limits that an installation may set. */
function limitsOf(options: IngestOptions): Pick<IngestDeps, 'replyWaitMs' | 'backfillDays' | 'resyncPauseMs'> {
  const { replyWaitMs = 72 * 3_600_000, backfillDays = 15, resyncPauseMs = 2_000 } = options;
  return { replyWaitMs, backfillDays, resyncPauseMs };
}

/** The adapters with what the installation sets differently from the records of the channels. */
function adaptersWith({ readBackSettleMs = null, authorisationWarnDays = null }: IngestOptions): typeof adapters {
  if (readBackSettleMs === null && authorisationWarnDays === null) return adapters;
  const adapted = ({ record, ...facets }: ChannelAdapter): ChannelAdapter => {
    const isReadable = record.capabilities.effectClass === 'readable';
    const capabilities = {
      ...record.capabilities,
      ...(isReadable && readBackSettleMs !== null ? { readBackSettleMs } : {}),
      ...(authorisationWarnDays === null ? {} : { authorisationWarnDays }),
    };
    return { ...facets, record: { ...record, capabilities } };
  };
  const entries = Object.entries(adapters).map(([channel, adapter]) => [channel, adapted(adapter)]);
  return Object.fromEntries(entries) as Record<Channel, ChannelAdapter>;
}
