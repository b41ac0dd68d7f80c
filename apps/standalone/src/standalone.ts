import { openAnalytics } from '@crossdesk/analytics';
import { openAutomation } from '@crossdesk/automation';
import { type ConversationService, openConversation } from '@crossdesk/conversation';
import { openCrm } from '@crossdesk/crm';
import {
  createApiTokenCheck,
  createAuthenticator,
  createExternalTokenVerifier,
  createGateway,
  createOwnTokenVerifier,
  createStandingCheck,
  type Gateway,
  liveStreams,
  ownIssuer,
  type TokenVerifier,
} from '@crossdesk/gateway';
import { type IngestService, openIngest } from '@crossdesk/ingest';
import {
  checkAddresses,
  type Clock,
  createHealth,
  createLog,
  createMetrics,
  healthAddress,
  listen,
  type Logger,
  measureProcess,
  openBroker,
  type ServiceDeps,
  type ServiceRuntime,
  startTracing,
  type Stoppable,
  stopInOrder,
  type Subgraph,
  systemClock,
} from '@crossdesk/service-kit';
import { reseal } from '@crossdesk/setup';
import { createLocalJWKSet } from 'jose';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addressesOf, type StandaloneConfig } from './config.ts';
import { type Foundation, openOwnFoundation } from './foundation.ts';

type Measured = Pick<ServiceRuntime<never>, 'metrics' | 'problems'>;

export interface Standalone {
  readonly log: Logger;
  /** The administrator's address of the database, for operators and measurements. */
  readonly databaseUrl: string;
  /** The folders of the data and the secret; empty when a database was given. */
  readonly dataDirectories: readonly string[];
  readonly graphqlUrl: string;
  readonly webhookBaseUrl: string;
  /** Where /healthz, /readyz and /metrics are. */
  readonly healthUrl: string;
  readonly conversation: ConversationService;
  /** Every service's part of the graph, by name. */
  readonly subgraphs: readonly Subgraph[];
  readonly ingest: IngestService;
  /** The code to create the first workspace of an empty installation; new at every start. */
  readonly setupCode: string;
  stop(deadlineMs: number): Promise<void>;
}

/** Starts all services in one process on the embedded log. Only this file knows that they share a process. */
export async function startStandalone(config: StandaloneConfig, progress: (step: string) => void): Promise<Standalone> {
  await checkAddresses(addressesOf(config));
  progress(config.databaseUrl === null ? 'starting Postgres' : 'connecting to Postgres');
  const log = createLog(null, config.logLevel);
  const foundation = await openOwnFoundation(config);
  const traces = await startTracing('crossdesk', config.tracing, log);
  const opened: Stoppable[] = [traces, { name: 'postgres', stop: foundation.stop }];
  try {
    return await open(config, foundation, log, opened, progress);
  } catch (error) {
    await stopInOrder([...opened].reverse(), 8_000, log);
    throw error;
  }
}

async function open(
  config: StandaloneConfig,
  foundation: Foundation,
  log: Logger,
  opened: Stoppable[],
  progress: (step: string) => void,
): Promise<Standalone> {
  const { databaseUrl, dataDirectories, keys } = foundation;
  const clock = systemClock;
  progress('preparing the log and five services');
  const broker = await openBroker({ kafka: null, databaseUrl, keys, log });
  opened.push({ name: 'log', stop: () => broker.close() });
  const { outboxKeptMonths } = config;
  const deps: ServiceDeps = { databaseUrl, keys, broker, log, clock, outboxKeptMonths };
  const setupCode = randomBytes(9).toString('base64url');

  const [ingest, conversation, crm, automation, analytics] = await Promise.all([
    openIngest(deps, { ...config.ingest, publicWebhookUrl: config.publicWebhookUrl }),
    openConversation(deps, { ...ownIssuer, setupCode }),
    openCrm(deps),
    openAutomation(deps, { allowPrivateAddresses: config.ingest.allowPrivateAddresses }),
    openAnalytics(deps),
  ]);
  if (config.secrets.CROSSDESK_SECRET_PREVIOUS !== undefined) await reseal(keys, () => databaseUrl, progress);
  // A service whose events others consume stops after them.
  const services = { analytics, automation, crm, conversation, ingest };
  for (const [name, service] of Object.entries(services).reverse())
    opened.push({ name, stop: () => service.stop(6_000) });

  const gateway = await createGateway({
    supergraphSdl: await readFile(new URL(import.meta.resolve('@crossdesk/gateway/supergraph.graphql')), 'utf8'),
    subgraphs: Object.fromEntries(
      Object.entries(services).map(([name, { subgraph }]: [string, { subgraph: Subgraph }]) => [
        name,
        { kind: 'local', subgraph } as const,
      ]),
    ),
    keys,
    streams: liveStreams,
    broker,
    auth: createAuthenticator({
      accessToken: await tokenVerifier(config, conversation, clock),
      apiToken: createApiTokenCheck((token) => conversation.introspect(token)),
      standing: createStandingCheck(conversation.standingOf),
    }),
    log: log.child({ service: 'gateway' }),
    clock,
    ...config.gateway,
    jwks: () => conversation.jwks(),
  });
  opened.push({ name: 'gateway', stop: gateway.stop });

  progress('starting consumers and servers');
  for (const service of Object.values(services)) await service.start();
  const { host, ports } = config;
  await listen(ingest.http, { host, port: ports.ingest, variable: 'INGEST_PORT' });
  await listen(gateway.http, { host, port: ports.gateway, variable: 'GATEWAY_PORT' });
  const health = createHealthOf(log, gateway, Object.values(services));
  opened.push({ name: 'health', stop: () => health.close() });

  return {
    log,
    databaseUrl,
    dataDirectories,
    graphqlUrl: `http://${host}:${ports.gateway}/graphql`,
    webhookBaseUrl: `${config.publicWebhookUrl}/webhooks`,
    healthUrl: await listen(health, healthAddress(config)),
    conversation,
    subgraphs: Object.values(services).map(({ subgraph }) => subgraph),
    ingest,
    setupCode,
    stop: (deadlineMs) => stopInOrder([...opened].reverse(), deadlineMs, log),
  };
}

/** The health of the whole process: of the gateway and of every service. */
function createHealthOf(log: Logger, gateway: Gateway, services: readonly { readonly runtime: Measured }[]) {
  const processMetrics = createMetrics('standalone');
  measureProcess(processMetrics);
  const parts = [gateway, ...services.map(({ runtime }) => runtime)];
  return createHealth({
    service: 'standalone',
    log,
    metrics: [processMetrics, ...parts.map(({ metrics }) => metrics)],
    // Services on one database have the same problem.
    problems: async () => [...new Set((await Promise.all(parts.map((part) => part.problems()))).flat())],
  });
}

async function tokenVerifier(
  config: StandaloneConfig,
  conversation: ConversationService,
  clock: Clock,
): Promise<TokenVerifier> {
  const { oidc } = config.gateway;
  if (oidc !== null)
    return createExternalTokenVerifier({
      ...oidc,
      keys: oidc.jwksUrl,
      tokenAgeSecondsMax: ownIssuer.tokenAgeSecondsMax,
      clock,
    });
  return createOwnTokenVerifier({ ...ownIssuer, keys: createLocalJWKSet(await conversation.jwks()), clock });
}
