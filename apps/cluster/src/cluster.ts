import type { ServiceName } from '@crossdesk/contracts';
import { setupCodeOf } from '@crossdesk/conversation';
import { startLocalKafka } from '@crossdesk/local-kafka';
import {
  checkAddresses,
  createLog,
  type KafkaOptions,
  type Keys,
  type Stoppable,
  stopInOrder,
  writeKeysOf,
} from '@crossdesk/service-kit';
import { reseal } from '@crossdesk/setup';
import { addressesOf, openOwnFoundation } from '@crossdesk/standalone';
import { join } from 'node:path';
import type { ClusterConfig } from './config.ts';
import { type Environment, environmentOf } from './environment.ts';
import { describeProcesses, prepareInstallation } from './installation.ts';
import { keepRunning, type KeptProcess, type KeptProcessSpec } from './kept-process.ts';

/** Platforms and people wait for an answer of these two; the others read the log and can take longer. */
const isWaitedFor = new Set(['ingest', 'gateway']);
const behind = 5;

export interface Cluster {
  readonly graphqlUrl: string;
  /** Whether the gateway is ready, and whether the services answer it. */
  readonly readyUrl: string;
  readonly webhookBaseUrl: string;
  readonly setupCode: string;
  readonly databaseUrl: string;
  /** The folders with the data of Postgres; empty when a database was given. */
  readonly dataDirectories: readonly string[];
  readonly keys: Keys;
  readonly kafka: KafkaOptions;
  /** The address at which integrators reach Kafka; null when a Kafka cluster was given. */
  readonly outsideBrokers: string | null;
  /** The services, the gateway and (in the demo) the twin, by name. */
  readonly processes: ReadonlyMap<string, KeptProcess>;
  stop(deadlineMs: number): Promise<void>;
}

/** Starts every service as its own process on Kafka: the same processes as in containers, without a container engine. */
export async function startCluster(config: ClusterConfig, progress: (step: string) => void): Promise<Cluster> {
  const log = createLog('cluster', config.logLevel);
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
  await checkAddresses(addressesOf(config));
  progress('starting Postgres');
  const { databaseUrl, dataDirectories, keys, stop: stopPostgres } = await openOwnFoundation(config);
  opened.push({ name: 'postgres', stop: stopPostgres });
  const { kafka, outsideBrokers } =
    config.kafka === null ? await startKafka(config, opened, progress) : { kafka: config.kafka, outsideBrokers: null };
  progress('creating topics and schemas');
  const { allowPrivateAddresses, media } = config.ingest;
  const installation = {
    ...config,
    allowPrivateAddresses,
    mediaDirectory: 'directory' in media.store ? media.store.directory : null,
    kafka,
    keys,
    databaseUrls: urlsOf(config, databaseUrl),
  };
  await prepareInstallation(installation);

  progress('starting the services');
  const { services, gateway, graphqlUrl } = await describeProcesses(installation);
  const processes = new Map<string, KeptProcess>();
  const start = async ({ environment, ...spec }: Omit<KeptProcessSpec, 'logFile' | 'niceness'>) => {
    const { name } = spec;
    const kept = keepRunning({
      ...spec,
      environment: environmentOf(name, config.environment, environment),
      logFile: join(config.dataDirectory, 'logs', `${name}.log`),
      niceness: isWaitedFor.has(name) ? 0 : behind,
    });
    processes.set(name, kept);
    opened.push({ name, stop: kept.stop });
    await kept.ready();
  };
  await Promise.all(services.map(start));
  await start(gateway);
  if (config.secrets.CROSSDESK_SECRET_PREVIOUS !== undefined) {
    const { databaseUrls } = installation;
    await reseal(keys, (service) => Reflect.get(databaseUrls, service) ?? databaseUrl, progress);
  }
  if (config.isDemo) {
    progress('starting the simulated platforms and loading the demo seller');
    const environment = demoEnvironment(config, keys, graphqlUrl);
    await start({ name: 'demo', main: 'apps/demo/src/main.ts', environment, readyUrl: null });
  }
  return {
    graphqlUrl,
    readyUrl: gateway.readyUrl,
    webhookBaseUrl: `${config.publicWebhookUrl}/webhooks`,
    setupCode: setupCodeOf(keys),
    databaseUrl,
    dataDirectories,
    keys,
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
  progress('starting Kafka (the first start downloads it with Maven)');
  const kafka = await startLocalKafka({ directory: join(config.dataDirectory, 'kafka'), nodes: 1 });
  opened.push({ name: 'kafka', stop: kafka.stop });
  const options = { brokers: kafka.brokers.split(','), prefix: '', ssl: false, sasl: null };
  return { kafka: options, outsideBrokers: kafka.outsideBrokers };
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

function demoEnvironment({ host, ports }: ClusterConfig, keys: Keys, graphqlUrl: string): Environment {
  const origin = `http://${host}:${ports.twin}`;
  return {
    CROSSDESK_KEYS: writeKeysOf('demo', keys),
    GRAPHQL_URL: graphqlUrl,
    HOST: host,
    TWIN_PORT: String(ports.twin),
    TWIN_PUBLIC_URL: origin,
  };
}
