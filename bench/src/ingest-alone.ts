import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { type IngestService, openIngest } from '@crossdesk/ingest';
import { startLocalPostgres } from '@crossdesk/local-postgres';
import { createLog, keysOf, openBroker, systemClock } from '@crossdesk/service-kit';
import type { WebhookTarget } from './sender.ts';
import { slowDiskEnvironment, syncMsOf } from './slow-disk.ts';
import { storeOf } from './system.ts';

export interface IngestAlone extends WebhookTarget {
  readonly databaseUrl: string;
  readonly ingest: IngestService;
  /** The time of a sync on the disk, in milliseconds. */
  readonly syncMs: number;
  stop(): Promise<void>;
}

/**
 * The ingest service as a separate process, as in a cluster, on its own Postgres that writes durably, on this disk or
 * on one whose syncs take that much longer.
 */
export async function startIngestAlone(slowerByMs = 0): Promise<IngestAlone> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-bench-'));
  chmodSync(directory, 0o755);
  const slow = slowerByMs === 0 ? {} : slowDiskEnvironment(directory, slowerByMs);
  // A server inherits the setting of its starter; processes started later do not.
  Object.assign(process.env, slow);
  const postgres = await startLocalPostgres({ directory });
  for (const name of Object.keys(slow)) Reflect.deleteProperty(process.env, name);
  const databaseUrl = postgres.urlOf('postgres');
  const keys = keysOf(randomBytes(32));
  const log = createLog('ingest', 'error');
  const broker = await openBroker({ kafka: null, databaseUrl, keys, log });
  const ingest = await openIngest(
    { databaseUrl, keys, broker, log, clock: systemClock, outboxKeptMonths: null },
    {
      publicWebhookUrl: 'http://127.0.0.1',
      allowPrivateAddresses: true,
      syncEveryMs: 60_000,
      trustedProxies: [],
      media: {
        store: { directory: join(directory, 'media') },
        bytesMax: 1_000_000,
        tenantBytesMax: null,
        keptDays: null,
      },
    },
  );
  const origin = await ingest.http.listen({ port: 0, host: '127.0.0.1' });
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const path = await connect(ingest, secret);
  return {
    databaseUrl,
    origin,
    path,
    secret,
    ingest,
    syncMs: syncMsOf(directory) + slowerByMs,
    stop: async () => {
      await ingest.stop(10_000);
      await broker.close();
      await postgres.remove();
    },
  };
}

async function connect({ subgraph }: IngestService, secret: string): Promise<string> {
  const admin = {
    kind: 'agent',
    tenantId: newId<TenantId>(),
    agentId: newId<AgentId>(),
    role: 'admin',
    authenticatedAtMs: Date.now(),
  } as const;
  const traceparent = '00-00000000000000000000000000000001-0000000000000001-00';
  const { data } = await subgraph.execute(
    {
      query: `mutation($input: ConnectChannelAccountInput!) { connectChannelAccount(input: $input) { webhookUrl errors { message } } }`,
      variables: {
        input: storeOf(secret),
      },
      operationName: undefined,
    },
    { caller: admin, requestId: newId(), traceparent, clientAddress: '127.0.0.1', userAgent: '' },
  );
  const payload: unknown = Reflect.get(data ?? {}, 'connectChannelAccount');
  const url: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'webhookUrl') : null;
  if (typeof url !== 'string') throw new Error(`the bench channel cannot be connected: ${JSON.stringify(data)}`);
  return new URL(url).pathname;
}
