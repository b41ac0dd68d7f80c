import { openConversation } from '@crossdesk/conversation';
import { newId } from '@crossdesk/contracts';
import { type Broker, createLog, openKafkaBroker, systemClock } from '@crossdesk/service-kit';
import { cloneDatabase, freePorts, openTestBroker, testKafka, testKeys, testMaster } from '@crossdesk/testkit';
import { createTwin, type Twin } from '@crossdesk/twin';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, createApi } from './api.ts';
import { type Child, newDataDirectory, startChild } from './child.ts';
import { openInstallation } from './installation.ts';
import { seedWorkspace, type Workspace } from './workspace.ts';

/** All of Crossdesk as its users see it, in either way to run, with simulated platforms. */
export interface System {
  readonly twin: Twin;
  readonly graphqlUrl: string;
  readonly webhookBaseUrl: string;
  readonly setupCode: string;
  api(token?: string | null): Api;
  /** The log, as an integrator reads it. */
  openLog(): Broker;
  /** Adds another workspace: the API creates only the first one. */
  seed(slug: string): Promise<Workspace>;
  /** Stops gracefully and starts again on the same data and ports. */
  restart(betweenStopAndStart?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the system that the Jest project needs: `e2e` runs one process on the embedded log, `kafka` a process for each
 * service on a real cluster. The tests are the same.
 */
export function openSystem(): Promise<System> {
  return Reflect.get(globalThis, 'crossdeskLog') === 'kafka' ? openCluster() : openOneProcess();
}

async function openOneProcess(): Promise<System> {
  const here = await openInstallation();
  return {
    ...here,
    webhookBaseUrl: here.running().webhookBaseUrl,
    setupCode: here.running().setupCode,
    openLog: () => openTestBroker(here.running().databaseUrl),
    seed: (slug) => seedWorkspace((token) => here.api(token), here.running().conversation, slug),
  };
}

const clusterMain = join(import.meta.dirname, '../../../cluster/src/main.ts');
const log = createLog('test', 'silent');

const clusterEnvironment = {
  CROSSDESK_SECRET: testMaster.toString('base64'),
  ALLOW_PRIVATE_ADDRESSES: 'true',
  SYNC_EVERY_SECONDS: '3600',
  PLATFORM_TIMEOUT_SECONDS: '1',
  READ_BACK_AFTER_SECONDS: '1',
  // Seven processes start at once, on a machine that may be busy.
  GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '120',
  LOG_LEVEL: 'warn',
};

async function openCluster(): Promise<System> {
  const { brokers, reason } = testKafka();
  if (reason !== null) throw new Error(`the cluster needs a Kafka: ${reason}`);
  const database = await cloneDatabase();
  const twin = createTwin({ seed: 'e2e', pushRetriesMs: [50, 100, 200] });
  await twin.listen(0);
  const [gatewayPort = 0, ingestPort = 0] = await freePorts(2);
  const kafka = { brokers, prefix: `${newId()}.`, ssl: false, sasl: null };
  const dataDirectory = newDataDirectory();
  const environment = {
    ...clusterEnvironment,
    DATABASE_URL: database.url,
    DATA_DIRECTORY: dataDirectory,
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
  };
  let child = await start();

  async function start(): Promise<Child> {
    const started = startChild(environment, clusterMain);
    await started.ready;
    return started;
  }

  async function end(): Promise<void> {
    child.kill('SIGTERM');
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`the cluster did not stop gracefully: ${child.stdout()} ${child.stderr()}`);
  }

  const graphqlUrl = `http://127.0.0.1:${gatewayPort}/graphql`;
  const api = (token: string | null = null) => createApi(() => graphqlUrl, token);
  return {
    twin,
    graphqlUrl,
    webhookBaseUrl: `http://127.0.0.1:${ingestPort}/webhooks`,
    setupCode: await child.setupCode,
    api,
    openLog: () => openKafkaBroker({ ...kafka, log }),
    async seed(slug) {
      const broker = openKafkaBroker({ ...kafka, log });
      const [databaseUrl, keys, clock] = [database.url, testKeys, systemClock];
      const deps = { databaseUrl, keys, broker, log, clock, outboxKeptMonths: null };
      const options = { issuer: 'crossdesk', audience: 'crossdesk-api', setupCode: '' };
      const conversation = await openConversation(deps, options);
      try {
        return await seedWorkspace(api, conversation, slug);
      } finally {
        await conversation.stop(5_000);
        await broker.close();
      }
    },
    async restart(betweenStopAndStart = async () => undefined) {
      await end();
      await betweenStopAndStart();
      child = await start();
    },
    async close() {
      await twin.close();
      await end();
      await database.drop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
