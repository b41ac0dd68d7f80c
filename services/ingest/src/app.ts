import {
  createHttp,
  createSubgraph,
  deriveKey,
  mountSubgraph,
  openService,
  readSdl,
  type RequestContext,
  type ServiceDeps,
  type ServiceRuntime,
  signedIn,
  type Subgraph,
} from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import { createAccountDirectory } from './account/account-directory.ts';
import { findAccounts } from './account/account.store.ts';
import { createPlatformAccess } from './account/platform-access.ts';
import type { Channel } from '@crossdesk/channels';
import { adapters, type ChannelAdapter } from '@crossdesk/channels/adapters';
import { onErasureRequested } from './consumers/on-erasure-requested.ts';
import { onReplyRequested } from './consumers/on-reply-requested.ts';
import { mountAuthorisations } from './authorisation/authorisation.route.ts';
import { forgetAuthorisationRequests } from './authorisation/authorisation.store.ts';
import { makeDoubtsDue } from './delivery/delivery.store.ts';
import { startReconciler } from './delivery/reconciler.ts';
import { startSender } from './delivery/sender.ts';
import type { DB, Trx } from './db.ts';
import type { IngestDeps } from './deps.ts';
import { startReplyEraser } from './erasure/reply-eraser.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { intake } from './inbound/intake.ts';
import { reportDelivery } from './inbound/report-delivery.ts';
import { createIngestMetrics } from './metrics.ts';
import { findOrders } from './order/order.store.ts';
import { createPictureSource } from './platform/picture-source.ts';
import { createPlatformClient } from './platform/platform-client.ts';
import { resolvers } from './resolvers.ts';
import { startBuyerFetcher, startOrderFetcher } from './sync/fetchers.ts';
import { startPoller } from './sync/poller.ts';
import { findCursors } from './sync/sync.store.ts';
import { findRaw } from './thread/message-id.store.ts';
import { createGroupCommit } from './webhook/group-commit.ts';
import { mountWebhooks } from './webhook/webhook.route.ts';

export interface IngestOptions {
  /** Where platforms reach this service, without a slash at the end. */
  readonly publicWebhookUrl: string;
  /** Lets accounts point to addresses of this machine or network: for a twin or a sandbox, never in production. */
  readonly allowPrivateAddresses: boolean;
  /** How often orders and lost messages are fetched. */
  readonly syncEveryMs: number;
  readonly contextKey: Buffer;
  /** How long a platform may take to answer a call; the lease of a sender grows with it. Default: 15 s. */
  readonly platformTimeoutMs?: number;
  /** How long a platform is given to show a message before its absence is believed. Default: what each channel needs. */
  readonly readBackSettleMs?: number | null;
}

export interface IngestService {
  readonly runtime: ServiceRuntime<DB>;
  readonly subgraph: Subgraph;
  /** Webhooks and, for a gateway in another process, the signed subgraph address. */
  readonly http: FastifyInstance;
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const webhookBytesMax = 1024 * 1024;
const platformTimeoutDefaultMs = 15_000;
const platformBytesMax = 8 * 1024 * 1024;

export async function openIngest(serviceDeps: ServiceDeps, options: IngestOptions): Promise<IngestService> {
  const runtime = await openService<DB>(serviceDeps, {
    service: 'ingest',
    migrationsDirectory: join(import.meta.dirname, '../migrations'),
  });
  const { allowPrivateAddresses, platformTimeoutMs = platformTimeoutDefaultMs } = options;
  const client = createPlatformClient({
    timeoutMs: platformTimeoutMs,
    bodyBytesMax: platformBytesMax,
    allowPrivateAddresses,
  });
  const pictures = createPictureSource({ timeoutMs: platformTimeoutMs, allowPrivateAddresses });
  const deps: IngestDeps = {
    runtime,
    metrics: createIngestMetrics(runtime),
    adapters: withSettleTime(options.readBackSettleMs ?? null),
    call: client.call,
    pictures,
    sealingKey: deriveKey(serviceDeps.master, 'ingest:credentials'),
    publicWebhookUrl: options.publicWebhookUrl,
    allowPrivateAddresses,
    platformTimeoutMs,
    intake: (trx, facts) => intake(deps, trx, facts),
    onConnected: makeDoubtsDue,
    reportDelivery: (trx, key, report) => reportDelivery(deps, trx, key, report),
  };
  const directory = createAccountDirectory(deps);
  const access = createPlatformAccess(deps, directory);
  const groupCommit = createGroupCommit(deps);
  let nudgeSender: () => void = () => undefined;

  runtime.consume(onReplyRequested(() => nudgeSender()));
  runtime.consume(onErasureRequested(deps));
  runtime.addPart(() => {
    const sender = startSender(deps, access);
    nudgeSender = sender.nudge;
    return sender;
  });
  runtime.addPart(() => startReconciler(deps, access, () => nudgeSender()));
  runtime.addPart(() => startPoller(deps, access, options.syncEveryMs));
  runtime.addPart(() => startOrderFetcher(deps, access));
  runtime.addPart(() => startBuyerFetcher(deps, access));
  runtime.addPart(() => startReplyEraser(deps));
  runtime.addJob({
    name: 'forget',
    cron: '51 3 * * *',
    run: () => runtime.db.asWorker(forgetAuthorisationRequests),
  });

  const subgraph = createSubgraph<GraphqlContext>({
    name: 'ingest',
    sdl: readSdl(join(import.meta.dirname, '..')),
    resolvers,
    log: runtime.log,
    context: (request) => ({ request, deps, directory, ...createLoaders(deps, request) }),
  });
  const http = createHttp({
    log: runtime.log,
    metrics: [runtime.metrics],
    bodyBytesMax: webhookBytesMax,
    problems: () => runtime.problems(),
  });
  mountWebhooks(http, deps, directory, groupCommit);
  mountAuthorisations(http, deps, directory);
  mountSubgraph(http, subgraph, options.contextKey);

  return {
    runtime,
    subgraph,
    http,
    start: () => runtime.start(),
    async stop(deadlineMs) {
      // No webhook is taken any more before what was taken is committed.
      await http.close();
      await groupCommit.drain();
      await runtime.stop(deadlineMs);
      await client.close();
      await pictures.close();
    },
  };
}

/** The adapters, those of readable channels with another time until an absence is believed. */
function withSettleTime(readBackSettleMs: number | null): typeof adapters {
  if (readBackSettleMs === null) return adapters;
  const patient = ({ record, ...facets }: ChannelAdapter): ChannelAdapter => {
    const isReadable = record.capabilities.effectClass === 'readable';
    const capabilities = { ...record.capabilities, ...(isReadable ? { readBackSettleMs } : {}) };
    return { ...facets, record: { ...record, capabilities } };
  };
  const entries = Object.entries(adapters).map(([channel, adapter]) => [channel, patient(adapter)]);
  return Object.fromEntries(entries) as Record<Channel, ChannelAdapter>;
}

function createLoaders(
  deps: IngestDeps,
  request: RequestContext,
): Pick<GraphqlContext, 'accounts' | 'cursors' | 'orders' | 'rawPayloads'> {
  const inTenant = <Result>(read: (trx: Trx, tenantId: ReturnType<typeof signedIn>['tenantId']) => Promise<Result>) => {
    const { tenantId } = signedIn(request);
    return deps.runtime.db.forTenant(tenantId, (trx) => read(trx, tenantId));
  };
  return {
    accounts: new DataLoader(async (ids) => {
      const rows = new Map(
        (await inTenant((trx, tenantId) => findAccounts(trx, tenantId, ids))).map((row) => [row.id as string, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    }),
    cursors: new DataLoader(async (ids) => {
      const rows = await inTenant((trx, tenantId) => findCursors(trx, tenantId, ids));
      return ids.map((id) => rows.filter((row) => row.account_id === id));
    }),
    orders: new DataLoader(async (ids) => {
      const rows = new Map(
        (await inTenant((trx, tenantId) => findOrders(trx, tenantId, ids))).map((row) => [row.order_id as string, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    }),
    rawPayloads: new DataLoader(async (ids) => {
      const payloads = await inTenant((trx, tenantId) => findRaw(trx, tenantId, ids));
      return ids.map((id) => payloads.get(id) ?? null);
    }),
  };
}
