import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { readClusterConfig, startCluster } from '@crossdesk/cluster';
import { readStandaloneConfig, type Standalone, startStandalone } from '@crossdesk/standalone';
import { createApi } from '@crossdesk/standalone/support/api.ts';
import { freePorts } from '@crossdesk/local-machine';
import type { WebhookTarget } from './sender.ts';

export interface BenchSystem {
  readonly graphqlUrl: string;
  readonly token: string;
  readonly webhook: WebhookTarget;
  readonly directory: string;
  /** The database as its administrator sees it. */
  readonly database: Client;
  /** Resolves when every projection has this many messages. */
  settled(messages: number): Promise<void>;
  ask(query: string, variables?: Record<string, unknown>): Promise<unknown>;
  stop(): Promise<void>;
}

export interface StandaloneSystem extends BenchSystem {
  readonly standalone: Standalone;
}

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-bench-'));
  chmodSync(directory, 0o755);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** The whole product in this process, empty, with one workspace and one generic channel. Postgres writes durably. */
export async function startSystem(): Promise<StandaloneSystem> {
  const directory = newDirectory();
  const [gatewayPort, ingestPort] = await freePorts(2);
  const config = readStandaloneConfig(['--empty'], {
    DATA_DIRECTORY: directory,
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
    ALLOW_PRIVATE_ADDRESSES: 'true',
    LOG_LEVEL: 'error',
  });
  const standalone = await startStandalone(config, () => undefined);
  return { ...(await fill(standalone, directory)), standalone };
}

/**
 * The same as separate processes on a Kafka with one broker (its own, unless another is given), all on this machine.
 */
export async function startClusterSystem(environment: Readonly<Record<string, string>> = {}): Promise<BenchSystem> {
  const directory = newDirectory();
  const [gatewayPort, ingestPort] = await freePorts(2);
  const config = readClusterConfig(['--empty'], {
    ...process.env,
    DATA_DIRECTORY: directory,
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
    ALLOW_PRIVATE_ADDRESSES: 'true',
    LOG_LEVEL: 'error',
    ...environment,
  });
  const cluster = await startCluster(config, () => undefined);
  return fill(cluster, directory);
}

interface Running {
  readonly graphqlUrl: string;
  readonly setupCode: string;
  readonly databaseUrl: string;
  stop(deadlineMs: number): Promise<void>;
}

/** One workspace with one generic channel. */
async function fill(running: Running, directory: string): Promise<BenchSystem> {
  const database = new Client({ connectionString: running.databaseUrl });
  await database.connect();
  const created = await createApi(() => running.graphqlUrl, null).ask<{ createWorkspace: { accessToken: string } }>(
    `mutation($code: String!) { createWorkspace(input: { setupCode: $code, workspace: "bench", workspaceName: "Bench", displayName: "Bench",
      email: "bench@bench.example", password: "copper lantern 48 orchard" }) { accessToken errors { message } } }`,
    { code: running.setupCode },
  );
  const { accessToken: token } = created.createWorkspace;
  const { ask } = createApi(() => running.graphqlUrl, token);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const connected = await ask<{ connectChannelAccount: { webhookUrl: string } }>(
    `mutation($input: ConnectChannelAccountInput!) { connectChannelAccount(input: $input) { webhookUrl errors { message } } }`,
    {
      input: storeOf(secret),
    },
  );
  const url = new URL(connected.connectChannelAccount.webhookUrl);
  return {
    graphqlUrl: running.graphqlUrl,
    token,
    webhook: { origin: url.origin, path: url.pathname, secret },
    directory,
    database,
    ask,
    settled: async (messages) => {
      while (Math.min(...(await countProjected(database))) < messages)
        await new Promise((resolve) => setTimeout(resolve, 200));
    },
    stop: async () => {
      await database.end();
      await running.stop(20_000);
      removeDirectory(directory);
    },
  };
}

/** Messages that each of the five projections has: ingest, conversation, crm, automation, analytics. */
export async function countProjected(database: Client): Promise<number[]> {
  const { rows } = await database.query<{ n: string }>(`
    select count(*) as n from ingest.inbound_message
    union all select count(*) from conversation.message
    union all select count(*) from crm.consumed_event where consumer = 'crm.links'
    union all select count(*) from automation.message_analysis
    union all select coalesce(sum(unread_message_count), 0) from analytics.inbox_counter`);
  return rows.map((row) => Number(row.n));
}

/** The store that sends everything: an account of the generic channel. */
export function storeOf(secret: string) {
  return {
    channel: 'GENERIC',
    displayName: 'Bench',
    externalAccountId: 'bench',
    apiBaseUrl: 'http://127.0.0.1:9/',
    credentials: [{ name: 'signing_secret', value: secret }],
  };
}
