import { describeProcesses, prepareInstallation } from '@crossdesk/cluster';
import { freePorts } from '@crossdesk/local-machine';
import { createLog, openKafkaBroker } from '@crossdesk/service-kit';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaServer } from './kafka-server.ts';
import { multiply } from './members.ts';
import { type Installed, keys, master, type Place, repository, runEnvironment } from './place.ts';
import { supervise, type Supervised } from './supervised.ts';

const host = '127.0.0.1';

/**
 * Starts every service and the gateway as processes on Kafka, as `pnpm start:cluster` does. With more than one member each
 * service runs so many times behind one door, as replicas do in Kubernetes.
 */
export async function startOnKafka(
  place: Place & { readonly kafka: KafkaServer; readonly database: string; readonly members: number },
): Promise<Installed> {
  const { server, kafka, database, members } = place;
  const prefix = `${database}.`;
  const [gatewayPort = 0, ingestPort = 0] = await freePorts(2);
  const directUrls = everyService(server.directUrlOf(database));
  await prepareInstallation({ kafka: kafka.directOptionsOf(prefix), keys, databaseUrls: directUrls });
  const described = await describeProcesses({
    kafka: kafka.optionsOf(prefix),
    keys,
    databaseUrls: everyService(server.urlOf(database)),
    host,
    ports: { gateway: gatewayPort, ingest: ingestPort },
    healthPort: 0,
    publicWebhookUrl: `http://${host}:${ingestPort}`,
    allowPrivateAddresses: true,
    gateway: { explorer: false, introspection: false },
    mediaDirectory: join(place.directory, 'media'),
  });
  const { graphqlUrl } = described;
  const { services, gateway, doors } = members === 1 ? { ...described, doors: [] } : await multiply(described, members);
  const running: Supervised[] = [];
  const start = async ({ name, main, environment, readyUrl }: typeof gateway): Promise<void> => {
    const one = supervise({
      name,
      main: join(repository, main),
      variant: place.variant ?? [],
      arguments: [],
      ready: { url: readyUrl },
      crashAt: [],
      logFile: join(place.directory, `${name}.log`),
      environment: { ...environment, ...runEnvironment(place) },
    });
    running.push(one);
    await one.ready();
  };
  try {
    await Promise.all(services.map(start));
    await start(gateway);
  } catch (error) {
    await Promise.all([...running, ...doors].map((one) => ('stop' in one ? one.stop() : one.close())));
    throw error;
  }
  return {
    processes: running,
    doors,
    graphqlUrl,
    broker: openKafkaBroker({ ...kafka.directOptionsOf(prefix), log: createLog('reliability', 'silent') }),
  };
}

/** Runs the migrate job on an empty database, armed with a crash point. Resolves when it has ended well after that. */
export async function migrateArmed(place: Place, crashAt: string): Promise<Supervised> {
  mkdirSync(place.directory, { recursive: true });
  return migrate({ ...place, databaseUrl: place.server.urlOf(await place.server.newDatabase()) }, [crashAt]);
}

/** Runs the migrate job. Resolves when it has ended well. */
export async function migrate(
  { variant = [], directory, databaseUrl }: Pick<Place, 'variant' | 'directory'> & { readonly databaseUrl: string },
  crashAt: readonly string[] = [],
): Promise<Supervised> {
  const job = supervise({
    name: 'migrate',
    main: join(repository, 'apps/setup/src/main.ts'),
    variant,
    arguments: ['migrate'],
    ready: { ended: 'well' },
    crashAt,
    logFile: join(directory, 'migrate.log'),
    environment: { DATABASE_URL: databaseUrl, CROSSDESK_SECRET: master.toString('base64') },
  });
  await job.ready();
  return job;
}

function everyService(url: string) {
  return { ingest: url, conversation: url, crm: url, automation: url, analytics: url };
}
