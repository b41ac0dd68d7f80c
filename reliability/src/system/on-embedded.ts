import { freePorts } from '@crossdesk/local-machine';
import { createLog, embeddedLogSchema, openEmbeddedBroker, serviceUrl } from '@crossdesk/service-kit';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Installed, keys, master, type Place, repository, runEnvironment } from './place.ts';
import { supervise, type Supervised } from './supervised.ts';

export const standaloneName = 'standalone';

/** All services in one process, on the log in their database. */
export async function startOnEmbedded(place: Place, database: string): Promise<Installed> {
  const [gatewayPort = 0, ingestPort = 0] = await freePorts(2);
  const standalone = superviseStandalone(place, database, [gatewayPort, ingestPort]);
  await standalone.ready();
  const directUrl = place.server.directUrlOf(database);
  return {
    processes: [standalone],
    doors: [],
    graphqlUrl: `http://127.0.0.1:${gatewayPort}/graphql`,
    broker: openEmbeddedBroker({
      databaseUrl: serviceUrl(directUrl, keys, embeddedLogSchema.service, 'worker'),
      log: createLog('reliability', 'silent'),
    }),
  };
}

function superviseStandalone(
  place: Place,
  database: string,
  [gatewayPort, ingestPort]: readonly number[],
  crashAt: readonly string[] = [],
): Supervised {
  return supervise({
    name: standaloneName,
    main: join(repository, 'apps/standalone/src/main.ts'),
    variant: place.variant ?? [],
    arguments: ['--empty'],
    ready: { words: 'Crossdesk is ready' },
    crashAt,
    logFile: join(place.directory, 'standalone.log'),
    environment: {
      DATABASE_URL: place.server.urlOf(database),
      CROSSDESK_SECRET: master.toString('base64'),
      GATEWAY_PORT: String(gatewayPort),
      INGEST_PORT: String(ingestPort),
      HEALTH_PORT: '0',
      ALLOW_PRIVATE_ADDRESSES: 'true',
      ...runEnvironment(place),
    },
  });
}

/** Starts the system on an empty database, armed with a crash point of its first start. Resolves when it is ready after that. */
export async function startArmed(place: Place, crashAt: string): Promise<Supervised> {
  mkdirSync(place.directory, { recursive: true });
  const standalone = superviseStandalone(place, await place.server.newDatabase(), await freePorts(2), [crashAt]);
  await standalone.ready();
  return standalone;
}
