import { freePorts } from '@crossdesk/local-machine';
import { createLog, type KafkaOptions, type Keys, openTopicAdmin, writeKeysOf } from '@crossdesk/service-kit';
import { migrateService } from '@crossdesk/setup';
import { type ServiceName, serviceNames } from '@crossdesk/contracts';
import type { Environment } from './environment.ts';

/** What the processes of one installation share. */
export interface Installation {
  readonly kafka: KafkaOptions;
  readonly keys: Keys;
  /** Database addresses for the administrator, by service: each service may have its own server. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly host: string;
  readonly ports: { readonly gateway: number; readonly ingest: number };
  /** The port for the health of the gateway, which also tells whether the others answer; 0 = any. */
  readonly healthPort: number;
  readonly publicWebhookUrl: string;
  readonly allowPrivateAddresses: boolean;
  readonly gateway: { readonly explorer: boolean; readonly introspection: boolean };
  /** The folder for the files of messages; null when a bucket keeps them. */
  readonly mediaDirectory: string | null;
}

/** How a process is started, and the address that tells whether it is ready. */
export interface ProcessDescription {
  readonly name: string;
  /** The entry point, relative to the root of the repository. */
  readonly main: string;
  readonly environment: Environment;
  /** Where others reach its work. */
  readonly port: number;
  /** Answers 2xx once the process can do its work. */
  readonly readyUrl: string;
}

export interface InstallationProcesses {
  readonly services: readonly ProcessDescription[];
  /** To be started after the services are ready. */
  readonly gateway: ProcessDescription;
  readonly graphqlUrl: string;
}

/** Creates the topics and migrates the schemas: services have no right to do either. */
export async function prepareInstallation(
  installation: Pick<Installation, 'kafka' | 'keys' | 'databaseUrls'>,
): Promise<void> {
  const { kafka, keys, databaseUrls } = installation;
  const admin = await openTopicAdmin(kafka, createLog('topics', 'silent'));
  try {
    await admin.apply((await admin.plan()).filter(({ risk }) => risk === null));
  } finally {
    await admin.close();
  }
  for (const name of serviceNames) await migrateService({ adminUrl: databaseUrls[name], keys }, name);
}

/** Describes every service and the gateway as separate processes on Kafka. */
export async function describeProcesses(installation: Installation): Promise<InstallationProcesses> {
  const { host, ports } = installation;
  const subgraphs = await subgraphAddresses(installation);
  const health = await healthPorts(installation);
  const shared = sharedEnvironment(installation);
  const gatewayOrigin = `http://${host}:${ports.gateway}`;
  const urls = serviceNames.map((name) => [`${name.toUpperCase()}_GRAPHQL_URL`, subgraphs[name].href]);
  return {
    services: serviceNames.map((name) => ({
      name,
      main: `services/${name}/src/main.ts`,
      environment: {
        ...shared,
        CROSSDESK_KEYS: writeKeysOf(name, installation.keys),
        DATABASE_URL: withoutUser(installation.databaseUrls[name]),
        ...addressEnvironment(name, installation, subgraphs[name]),
        HEALTH_PORT: String(health[name]),
      },
      port: Number(subgraphs[name].port),
      readyUrl: readyUrlAt(host, health[name]),
    })),
    gateway: {
      name: 'gateway',
      main: 'services/gateway/src/main.ts',
      environment: {
        ...shared,
        CROSSDESK_KEYS: writeKeysOf('gateway', installation.keys),
        DATABASE_URL: undefined,
        HOST: host,
        GATEWAY_PORT: String(ports.gateway),
        GATEWAY_EXPLORER: String(installation.gateway.explorer),
        GATEWAY_INTROSPECTION: String(installation.gateway.introspection),
        HEALTH_PORT: String(health.gateway),
        ...Object.fromEntries(urls),
      },
      port: ports.gateway,
      readyUrl: readyUrlAt(host, health.gateway),
    },
    graphqlUrl: `${gatewayOrigin}/graphql`,
  };
}

export function readyUrlAt(host: string, healthPort: number): string {
  return `http://${host}:${healthPort}/readyz`;
}

async function healthPorts({ healthPort }: Installation): Promise<Record<ServiceName | 'gateway', number>> {
  const free = await freePorts(serviceNames.length + 1);
  const next = () => free.pop() ?? 0;
  return {
    gateway: healthPort === 0 ? next() : healthPort,
    ingest: next(),
    conversation: next(),
    crm: next(),
    automation: next(),
    analytics: next(),
  };
}

/** The variables that every process gets: the address of the log. */
function sharedEnvironment({ kafka }: Pick<Installation, 'kafka'>): Environment {
  const { brokers, prefix, ssl, sasl } = kafka;
  return {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    KAFKA_SSL: String(ssl),
    KAFKA_SASL_MECHANISM: sasl?.mechanism,
    KAFKA_SASL_USERNAME: sasl?.username,
    KAFKA_SASL_PASSWORD: sasl?.password,
  };
}

/** Services log in with their own roles, which cannot change a schema: they do not get the administrator's login. */
function withoutUser(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.username = '';
  url.password = '';
  return url.toString();
}

async function subgraphAddresses({
  host,
  ports,
}: Pick<Installation, 'host' | 'ports'>): Promise<Record<ServiceName, URL>> {
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

function addressEnvironment(
  name: ServiceName,
  { publicWebhookUrl, allowPrivateAddresses, mediaDirectory }: Installation,
  { hostname, port }: URL,
): Environment {
  const outgoing = { ALLOW_PRIVATE_ADDRESSES: String(allowPrivateAddresses) };
  if (name !== 'ingest') return { HOST: hostname, HTTP_PORT: port, ...(name === 'automation' ? outgoing : {}) };
  return {
    HOST: hostname,
    INGEST_PORT: port,
    PUBLIC_WEBHOOK_URL: publicWebhookUrl,
    ...outgoing,
    ...(mediaDirectory === null ? {} : { MEDIA_DIRECTORY: mediaDirectory }),
  };
}
