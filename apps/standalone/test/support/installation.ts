import { createTwin, type Twin } from '@crossdesk/twin';
import { cloneDatabase, freePorts, testMaster, waitFor } from '@crossdesk/testkit';
import { readStandaloneConfig, type Standalone, type StandaloneConfig, startStandalone } from '../../src/index.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi } from './api.ts';

/** All of Crossdesk on its own database, with simulated platforms. */
export interface Installation {
  readonly twin: Twin;
  /** Where the files of messages are kept. */
  readonly mediaDirectory: string;
  running(): Standalone;
  readonly graphqlUrl: string;
  api(token?: string | null): Api;
  /** Stops gracefully and starts again on the same database and ports. */
  restart(betweenStopAndStart?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Longer than `start` has, so that a busy machine can stop gracefully as well. */
const stopWithinMs = 60_000;

function start(config: StandaloneConfig): Promise<Standalone> {
  let step = 'nothing yet';
  const starting = startStandalone(config, (begun) => {
    step = begun;
  });
  return waitFor('the start in one process', starting, { withinMs: 50_000, progress: () => step });
}

export async function openInstallation(environment: NodeJS.ProcessEnv = {}): Promise<Installation> {
  const database = await cloneDatabase();
  const twin = createTwin({ seed: 'e2e', pushRetriesMs: [50, 100, 200] });
  await twin.listen(0);
  const mediaDirectory = await mkdtemp(join(tmpdir(), 'crossdesk-media-'));
  const [gatewayPort = 0, ingestPort = 0] = await freePorts(2);
  const config = readStandaloneConfig(['--empty'], {
    DATABASE_URL: database.url,
    CROSSDESK_SECRET: testMaster.toString('base64'),
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
    ALLOW_PRIVATE_ADDRESSES: 'true',
    SYNC_EVERY_SECONDS: '3600',
    PLATFORM_TIMEOUT_SECONDS: '1',
    READ_BACK_AFTER_SECONDS: '1',
    MEDIA_DIRECTORY: mediaDirectory,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...environment,
  });
  let standalone = await start(config).catch(async (error: unknown) => {
    await twin.close();
    await database.drop();
    throw error;
  });
  const graphqlUrl = `http://127.0.0.1:${gatewayPort}/graphql`;
  return {
    twin,
    mediaDirectory,
    running: () => standalone,
    graphqlUrl,
    api: (token = null) => createApi(() => graphqlUrl, token),
    async restart(betweenStopAndStart = async () => undefined) {
      await standalone.stop(stopWithinMs);
      await betweenStopAndStart();
      standalone = await start(config);
    },
    async close() {
      await twin.close();
      await standalone.stop(stopWithinMs);
      await database.drop();
      await rm(mediaDirectory, { recursive: true, force: true });
    },
  };
}
