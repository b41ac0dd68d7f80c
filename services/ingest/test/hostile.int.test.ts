import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Channel } from '@crossdesk/channels';
import { newId, type TenantId } from '@crossdesk/contracts';
import { writeKeysOf } from '@crossdesk/service-kit';
import {
  eventually,
  type Figures,
  freePorts,
  openHarness,
  scrape,
  testKeys,
  type TestHarness,
} from '@crossdesk/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openIngest } from '../src/index.ts';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';
import { type HostileBody, hostileBodies } from './hostile-bodies.ts';
import { connectAs, mediaIn } from './platforms.ts';

/** The memory of a container of docker-compose.yml, and the share of the heap in the Dockerfile. */
const containerBytes = 384 * 1024 * 1024;
const heapMegabytes = Math.floor(0.6 * 384);
const stallSecondsMax = 1;
const main = join(import.meta.dirname, '../src/main.ts');

let harness: TestHarness;
let seller: GenericSeller;
let ingest: ChildProcess;
let origin: string;
let healthUrl: string;
const urls = new Map<Channel, string>();
const tenantId = newId<TenantId>();

beforeAll(async () => {
  harness = await openHarness();
  const [port = 0, healthPort = 0] = await freePorts(2);
  healthUrl = `http://127.0.0.1:${healthPort}`;
  origin = `http://127.0.0.1:${port}`;
  await connectAccounts();
  ingest = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, '--max-semi-space-size=8', main], {
    env: {
      ...process.env,
      DATABASE_URL: harness.databaseUrl,
      CROSSDESK_KEYS: writeKeysOf('ingest', testKeys, true),
      INGEST_PORT: String(port),
      HEALTH_PORT: String(healthPort),
      PUBLIC_WEBHOOK_URL: origin,
      ALLOW_PRIVATE_ADDRESSES: 'true',
      LOG_LEVEL: 'silent',
      MEDIA_DIRECTORY: harness.mediaDirectory,
    },
    stdio: 'inherit',
  });
  await eventually(async () => expect((await fetch(`${healthUrl}/readyz`)).status).toBe(200));
});

afterAll(async () => {
  if (ingest.exitCode === null) {
    ingest.kill();
    await once(ingest, 'exit');
  }
  await seller.close();
  await harness.close();
});

/** Connects an account of each channel, in a process that ends before the test begins. */
async function connectAccounts(): Promise<void> {
  const service = await openIngest(harness.deps, {
    publicWebhookUrl: origin,
    allowPrivateAddresses: true,
    syncEveryMs: 3_600_000,
    trustedProxies: [],
    media: mediaIn(harness),
  });
  seller = await startGenericSeller(service);
  await connectGeneric(service, seller, tenantId);
  urls.set('generic', `${origin}${seller.webhookPath}`);
  const credentials: Readonly<Record<Exclude<Channel, 'generic'>, Record<string, string>>> = {
    whatsapp: { access_token: 'a', app_secret: 'key', verify_token: 'v' },
    shopee: { partner_id: '1', partner_key: 'key', access_token: 'a', refresh_token: 'r' },
    'tiktok-shop': { app_key: 'app', app_secret: 'key', shop_cipher: 'c', access_token: 'a', refresh_token: 'r' },
  };
  const ids = { whatsapp: 'hostile', shopee: '700100200', 'tiktok-shop': '7490000000000000001' };
  for (const channel of ['whatsapp', 'shopee', 'tiktok-shop'] as const) {
    const { webhookUrl, errors } = await connectAs(service, tenantId, {
      channel: channel.toUpperCase().replace('-', '_'),
      displayName: channel,
      externalAccountId: ids[channel],
      credentials: Object.entries(credentials[channel]).map(([name, value]) => ({ name, value })),
      apiBaseUrl: seller.url,
    });
    if (webhookUrl === null) throw new Error(JSON.stringify(errors));
    urls.set(channel, webhookUrl);
  }
  await service.stop(5_000);
}

function headersOf(channel: Channel, body: string): Record<string, string> {
  const hmac = (...parts: readonly string[]) => {
    const digest = createHmac('sha256', 'key');
    parts.forEach((part) => digest.update(part));
    return digest.digest('hex');
  };
  if (channel === 'generic') return seller.sign(body).headers;
  if (channel === 'whatsapp') return { 'x-hub-signature-256': `sha256=${hmac(body)}` };
  return { authorization: channel === 'shopee' ? hmac(`${urls.get(channel)}|`, body) : hmac('app', body) };
}

async function deliver(hostile: HostileBody): Promise<number> {
  const body = hostile.make();
  const headers = { 'content-type': 'application/json', ...headersOf(hostile.channel, body) };
  const { status } = await fetch(urls.get(hostile.channel) ?? '', { method: 'POST', headers, body });
  return status;
}

const figures = (): Promise<Figures> => scrape(`${healthUrl}/metrics`);

/** Delivers them four at a time; returns those that were not answered 200. */
async function deliverAll(bodies: readonly HostileBody[]): Promise<string[]> {
  const left = [...bodies];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const status = await deliver(next);
      if (status !== 200) failed.push(`${next.channel} ${next.name}: ${status}`);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return failed;
}

/** Delivers them and returns what was wrong: answers other than 200, and stalls of the event loop. */
async function wrongWith(bodies: readonly HostileBody[]): Promise<string[]> {
  const before = (await figures()).value('process_cpu_seconds_total') ?? 0;
  const failed = await deliverAll(bodies);
  const now = await figures();
  const cpuSeconds = (now.value('process_cpu_seconds_total') ?? 0) - before;
  const lagSeconds = now.value('nodejs_eventloop_lag_max_seconds') ?? 0;
  bytesMax = Math.max(bytesMax, now.value('process_resident_memory_bytes') ?? 0);
  // On a busy machine the process also waits for others: it has stalled itself no longer than it has worked.
  const stallSeconds = Math.min(lagSeconds, cpuSeconds);
  if (stallSeconds <= stallSecondsMax) return failed;
  return [
    ...failed,
    `stalled for ${stallSeconds} s: ${bodies.map(({ channel, name }) => `${channel} ${name}`).join(', ')}`,
  ];
}

let bytesMax = 0;

test('4,050 silent connections keep neither probes nor metrics waiting', async () => {
  const { hostname, port } = new URL(origin);
  const sockets = Array.from({ length: 4_050 }, () => connect({ host: hostname, port: Number(port) }));
  const settled = sockets.map(async (socket) => {
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  });
  await Promise.all(settled);
  expect((await fetch(`${healthUrl}/healthz`, { signal: AbortSignal.timeout(5_000) })).status).toBe(200);
  expect((await figures()).value('process_cpu_seconds_total')).toBeGreaterThan(0);
  const closed = sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
});

test('a thousand hostile signed bodies end no process, stall nobody and are all acknowledged', async () => {
  const { mutated, largest } = hostileBodies();
  expect(mutated.length + largest.length).toBeGreaterThan(1_000);
  const wrong: string[] = [];
  for (let at = 0; at < mutated.length; at += 20) wrong.push(...(await wrongWith(mutated.slice(at, at + 20))));
  for (const one of largest) wrong.push(...(await wrongWith([one])));
  expect(wrong).toEqual([]);
  // Many at once need no more memory: their bodies wait for each other.
  expect(await deliverAll(largest.slice(0, 12))).toEqual([]);
  bytesMax = Math.max(bytesMax, (await figures()).value('process_resident_memory_bytes') ?? 0);
  expect(bytesMax).toBeLessThan(containerBytes);
  expect(ingest.exitCode).toBeNull();
});
