import { setupCodeOf } from '@crossdesk/conversation';
import { freePorts, startLocalKafka } from '@crossdesk/local-kafka';
import { createLog, type KafkaOptions, openTopicAdmin, type Stoppable, stopInOrder } from '@crossdesk/service-kit';
import { migrateService } from '@crossdesk/setup';
import { openFoundation } from '@crossdesk/standalone';
import { join } from 'node:path';
import { type ClusterConfig, type ServiceName, serviceNames } from './config.ts';
import { keepRunning, type KeptProcess } from './kept-process.ts';

export interface Cluster {
  readonly graphqlUrl: string;
  readonly webhookBaseUrl: string;
  readonly setupCode: string;
  readonly databaseUrl: string;
  readonly master: Buffer;
  readonly kafka: KafkaOptions;
  /** Where integrators reach Kafka; null on a cluster that was given, which has its own ways. */
  readonly outsideBrokers: string | null;
  /** The services, the gateway and (in the demo) the twin, by name. */
  readonly processes: ReadonlyMap<string, KeptProcess>;
  stop(deadlineMs: number): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Every service as a process of its own on Kafka: what containers run, on one machine and without an engine. */
export async function startCluster(config: ClusterConfig, progress: (step: string) => void): Promise<Cluster> {
  const log = createLog('cluster', 'warn');
  const opened: Stoppable[] = [];
  const stop = (deadlineMs: number) => stopInOrder([...opened].reverse(), deadlineMs, log);
  try {
    return { ...(await open(config, opened, progress)), stop };
  } catch (error) {
    await stop(9_000);
    throw error;
  }
}

async function open(
  config: ClusterConfig,
  opened: Stoppable[],
  progress: (step: string) => void,
): Promise<Omit<Cluster, 'stop'>> {
  progress('starting Postgres');
  const { databaseUrl, master, stop: stopPostgres } = await openFoundation(config);
  opened.push({ name: 'postgres', stop: stopPostgres });
  const { kafka, outsideBrokers } =
    config.kafka === null ? await startKafka(config, opened, progress) : { kafka: config.kafka, outsideBrokers: null };
  progress('creating topics and schemas');
  await applyTopics(kafka);
  const urls = urlsOf(config, databaseUrl);
  for (const name of serviceNames) await migrateService({ adminUrl: urls[name], master }, name);

  progress('starting the services');
  const subgraphs = await subgraphAddresses(config);
  const processes = new Map<string, KeptProcess>();
  const start = async (name: string, main: string, environment: Environment, readyUrl: string | null) => {
    const kept = keepRunning({
      name,
      main,
      environment: { ...config.environment, ...environment },
      logFile: join(config.dataDirectory, 'logs', `${name}.log`),
      readyUrl,
    });
    processes.set(name, kept);
    opened.push({ name, stop: kept.stop });
    await kept.ready();
  };
  const shared = { ...logEnvironment(kafka), CROSSDESK_SECRET: master.toString('base64') };
  await Promise.all(
    serviceNames.map((name) => {
      const own = { ...shared, DATABASE_URL: withoutUser(urls[name]), ...serviceEnvironment(name, config, subgraphs) };
      return start(name, `services/${name}/src/main.ts`, own, `${subgraphs[name].origin}/readyz`);
    }),
  );
  const gatewayOrigin = `http://${config.host}:${config.ports.gateway}`;
  const graphqlUrl = `${gatewayOrigin}/graphql`;
  const gateway = { ...shared, DATABASE_URL: undefined, ...gatewayEnvironment(config, subgraphs) };
  await start('gateway', 'services/gateway/src/main.ts', gateway, `${gatewayOrigin}/readyz`);
  if (config.isDemo) {
    progress('starting the simulated platforms and loading the demo seller');
    await start('demo', 'apps/demo/src/main.ts', { ...shared, ...demoEnvironment(config, graphqlUrl) }, null);
  }
  return {
    graphqlUrl,
    webhookBaseUrl: `${config.publicWebhookUrl}/webhooks`,
    setupCode: setupCodeOf(master),
    databaseUrl,
    master,
    kafka,
    outsideBrokers,
    processes,
  };
}

async function startKafka(
  config: ClusterConfig,
  opened: Stoppable[],
  progress: (step: string) => void,
): Promise<Pick<Cluster, 'kafka' | 'outsideBrokers'>> {
  progress('starting Kafka (the first time Maven fetches it)');
  const kafka = await startLocalKafka({ directory: join(config.dataDirectory, 'kafka'), nodes: 1 });
  opened.push({ name: 'kafka', stop: kafka.stop });
  const options = { brokers: kafka.brokers.split(','), prefix: '', ssl: false, sasl: null };
  return { kafka: options, outsideBrokers: kafka.outsideBrokers };
}

async function applyTopics(kafka: KafkaOptions): Promise<void> {
  const admin = await openTopicAdmin(kafka, createLog('topics', 'silent'));
  try {
    await admin.apply((await admin.plan()).filter(({ risk }) => risk === null));
  } finally {
    await admin.close();
  }
}

function urlsOf({ databaseUrls }: ClusterConfig, shared: string): Record<ServiceName, string> {
  const of = (name: ServiceName) => databaseUrls[name] ?? shared;
  return {
    ingest: of('ingest'),
    conversation: of('conversation'),
    crm: of('crm'),
    automation: of('automation'),
    analytics: of('analytics'),
  };
}

/** Services log in with roles of their own and cannot change a schema: they are told the place, not the administrator. */
function withoutUser(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.username = '';
  url.password = '';
  return url.toString();
}

async function subgraphAddresses({ host, ports }: ClusterConfig): Promise<Record<ServiceName, URL>> {
  const [conversation, crm, automation, analytics] = await freePorts(4);
  const at = (port: number | undefined) => new URL(`http://${host}:${port}/graphql`);
  return {
    ingest: at(ports.ingest),
    conversation: at(conversation),
    crm: at(crm),
    automation: at(automation),
    analytics: at(analytics),
  };
}

function logEnvironment({ brokers, prefix, ssl, sasl }: KafkaOptions): Environment {
  return {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_SSL: String(ssl),
    KAFKA_SASL_MECHANISM: sasl?.mechanism,
    KAFKA_SASL_USERNAME: sasl?.username,
    KAFKA_SASL_PASSWORD: sasl?.password,
  };
}

function serviceEnvironment(
  name: ServiceName,
  config: ClusterConfig,
  subgraphs: Readonly<Record<ServiceName, URL>>,
): Environment {
  const { hostname, port } = subgraphs[name];
  if (name !== 'ingest') return { HTTP_HOST: hostname, HTTP_PORT: port };
  return {
    INGEST_HOST: hostname,
    INGEST_PORT: port,
    PUBLIC_WEBHOOK_URL: config.publicWebhookUrl,
    ALLOW_PRIVATE_ADDRESSES: String(config.allowPrivateAddresses),
  };
}

function gatewayEnvironment(
  { host, ports }: ClusterConfig,
  subgraphs: Readonly<Record<ServiceName, URL>>,
): Environment {
  const urls = serviceNames.map((name) => [`${name.toUpperCase()}_GRAPHQL_URL`, subgraphs[name].href]);
  return { GATEWAY_HOST: host, GATEWAY_PORT: String(ports.gateway), ...Object.fromEntries(urls) };
}

function demoEnvironment({ host, ports }: ClusterConfig, graphqlUrl: string): Environment {
  const origin = `http://${host}:${ports.twin}`;
  return { GRAPHQL_URL: graphqlUrl, TWIN_HOST: host, TWIN_PORT: String(ports.twin), TWIN_PUBLIC_URL: origin };
}
