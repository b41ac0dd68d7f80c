import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Channel } from '@crossdesk/channels';
import { adapters } from '@crossdesk/channels/adapters';
import { samples } from '@crossdesk/channels/samples';
import { newId, type TenantId } from '@crossdesk/contracts';
import { eventually, freePorts, openHarness, type TestHarness } from '@crossdesk/testkit';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from 'pg';
import { openIngest } from '../src/index.ts';
import { type Contained, containerBytes, startContained } from './contained.ts';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';
import { type HostileBody, hostileBodies, hostileChannels } from './hostile-bodies.ts';
import { connectAs, mediaIn } from './platforms.ts';

const stallSecondsMax = 1;

let harness: TestHarness;
let seller: GenericSeller;
let ingest: Contained;
let behind: Contained[] = [];
let origin: string;
/** A small seller beside the heavy one. */
let small: GenericSeller;
const urls = new Map<Channel, string>();
const tenantId = newId<TenantId>();

beforeAll(async () => {
  harness = await openHarness();
  const [port = 0] = await freePorts(1);
  origin = `http://127.0.0.1:${port}`;
  await connectAccounts();
  ingest = await startContained('ingest', harness.databaseUrl, {
    INGEST_PORT: String(port),
    PUBLIC_WEBHOOK_URL: origin,
    ALLOW_PRIVATE_ADDRESSES: 'true',
    MEDIA_DIRECTORY: harness.mediaDirectory,
  });
});

afterAll(async () => {
  await Promise.all([ingest, ...behind].map((process) => process.stop()));
  await seller.close();
  await small.close();
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
  small = await startGenericSeller(service);
  await connectGeneric(service, small, newId<TenantId>());
  for (const channel of hostileChannels) {
    const { externalAccountId, credentials } = samples[channel].account;
    const { credentialFields, protocols } = adapters[channel].connection;
    const required = credentialFields.filter(({ isRequired }) => isRequired);
    const protocol = protocols?.at(-1) ?? 'http:';
    const { webhookUrl, errors } = await connectAs(service, tenantId, {
      channel: channel.toUpperCase().replaceAll('-', '_'),
      displayName: channel,
      externalAccountId,
      credentials: required.map(({ name }) => ({ name, value: credentials[name] ?? '' })),
      apiBaseUrl: seller.url.replace('http:', protocol),
    });
    if (webhookUrl === null) throw new Error(JSON.stringify(errors));
    urls.set(channel, webhookUrl);
  }
  await service.stop(5_000);
}

async function deliver({ channel, make }: HostileBody): Promise<number> {
  const url = urls.get(channel) ?? '';
  const body = Buffer.from(make());
  const signed = samples[channel].webhooks?.sign(body, { webhookUrl: url, at: new Date() });
  const headers = { 'content-type': 'application/json', ...signed?.headers };
  const { status } = await fetch(url, { method: 'POST', headers, body });
  return status;
}

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
  const failed = await deliverAll(bodies);
  const stallSeconds = await ingest.stalledSeconds();
  if (stallSeconds <= stallSecondsMax) return failed;
  return [
    ...failed,
    `stalled for ${stallSeconds} s: ${bodies.map(({ channel, name }) => `${channel} ${name}`).join(', ')}`,
  ];
}

test('4,050 silent connections keep neither probes nor metrics waiting', async () => {
  const { hostname, port } = new URL(origin);
  const sockets = Array.from({ length: 4_050 }, () => connect({ host: hostname, port: Number(port) }));
  const settled = sockets.map(async (socket) => {
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  });
  await Promise.all(settled);
  expect((await fetch(`${ingest.healthUrl}/healthz`, { signal: AbortSignal.timeout(5_000) })).status).toBe(200);
  expect((await ingest.figures()).value('process_cpu_seconds_total')).toBeGreaterThan(0);
  const closed = sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
});

test('a thousand hostile signed bodies end no process, stall nobody and are all acknowledged', async () => {
  const { mutated, largest } = hostileBodies();
  expect(mutated.length + largest.length).toBeGreaterThan(1_000);
  const wrong: string[] = [];
  for (let at = 0; at < mutated.length; at += 10) wrong.push(...(await wrongWith(mutated.slice(at, at + 10))));
  for (const one of largest) wrong.push(...(await wrongWith([one])));
  expect(wrong).toEqual([]);
  // Many at once need no more memory: their bodies wait for each other.
  expect(await deliverAll(largest.slice(0, 12))).toEqual([]);
  await ingest.stalledSeconds();
  expect(ingest.bytesMax()).toBeLessThan(containerBytes);
  expect(ingest.child.exitCode).toBeNull();
});

/** How many messages conversation has that meet a condition. */
async function arrived(condition: string): Promise<number> {
  const client = new Client({ connectionString: harness.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from conversation.message m
       join conversation.conversation c on c.tenant_id = m.tenant_id and c.id = m.conversation_id where ${condition}`,
    );
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

test('what was recorded of them ends no service behind ingest, stalls none, and the small messages behind it arrive', async () => {
  const names = ['conversation', 'crm', 'automation', 'analytics'] as const;
  behind = await Promise.all(names.map((name) => startContained(name, harness.databaseUrl, {})));
  const { headers, body } = small.message({ conversationKey: 'small', externalId: '1', text: 'a small message' });
  const posted = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  expect((await fetch(`${origin}${small.webhookPath}`, posted)).status).toBe(200);
  const stalls: string[] = [];
  await eventually(async () => {
    for (const service of behind) {
      const seconds = await service.stalledSeconds();
      if (seconds > stallSecondsMax) stalls.push(`${service.name} stalled for ${seconds} s`);
    }
    const lags = await Promise.all(
      behind.map(async ({ figures }) => (await figures()).value('crossdesk_consumer_lag_records')),
    );
    expect([...lags, await arrived(`content->>'text' = 'a small message'`)]).toEqual([0, 0, 0, 0, 1]);
  }, 120_000);
  expect(stalls).toEqual([]);
  // A long text of each channel, and 500 parts of each delivery that had more.
  for (const channel of hostileChannels)
    expect([channel, await arrived(`c.channel = '${channel}' and length(content->>'text') > 30000`)]).not.toEqual([
      channel,
      0,
    ]);
  expect(await arrived('true')).toBeGreaterThan(1_500);
  for (const { name, child, figures, bytesMax } of behind) {
    expect([name, child.exitCode, (await figures()).value('crossdesk_dead_letters')]).toEqual([name, null, 0]);
    expect([name, bytesMax() < containerBytes]).toEqual([name, true]);
  }
}, 150_000);
