import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareRestore, takeBaseBackup } from '@crossdesk/backup';
import { type LocalPostgres, startLocalPostgres } from '@crossdesk/local-postgres';
import { eventually, freePorts } from '@crossdesk/testkit';
import { createTwin, type Twin } from '@crossdesk/twin';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { readStandaloneConfig, type Standalone, startStandalone } from '../src/index.ts';
import { createApi } from './support/api.ts';
import { newDataDirectory } from './support/child.ts';
import { tableDigests } from './support/digests.ts';
import { conversationWith, keptCounters, messagesOf, recount } from './support/inbox.ts';
import { type ConnectedAccount, connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

const database = 'crossdesk';
const directory = newDataDirectory();
const archive = join(directory, 'archive');
const original = join(directory, 'original');
const restored = join(directory, 'restored');
const backup = join(directory, 'backup');
const secret = Buffer.alloc(32, 3).toString('base64');
const running: { stop(): Promise<unknown> }[] = [];

let twin: Twin;
/** The ports of the gateway and of ingest. */
let ports: readonly number[];

beforeAll(async () => {
  twin = createTwin({ seed: 'restore', pushRetriesMs: [20, 50] });
  await twin.listen(0);
  ports = await freePorts(2);
  for (const folder of [archive, original, restored]) mkdirSync(folder);
  // Postgres may run as another user than the tests.
  for (const folder of [archive, backup]) mkdirSync(folder, { recursive: true });
  chmodSync(archive, 0o777);
  copyFileSync(join(import.meta.dirname, '../../../infra/backup/archive-wal.sh'), join(directory, 'archive-wal.sh'));
});

afterAll(async () => {
  for (const { stop } of running.toReversed()) await stop();
  await twin.close();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

async function startPostgres(folder: string, settings: Record<string, string>): Promise<LocalPostgres> {
  const server = await startLocalPostgres({ directory: folder, settings: { synchronous_commit: 'off', ...settings } });
  running.push(server);
  return server;
}

async function startOn(server: LocalPostgres): Promise<Standalone> {
  const config = readStandaloneConfig(['--empty'], {
    DATABASE_URL: server.urlOf(database),
    CROSSDESK_SECRET: secret,
    GATEWAY_PORT: String(ports[0]),
    INGEST_PORT: String(ports[1]),
    HEALTH_PORT: '0',
    ALLOW_PRIVATE_ADDRESSES: 'true',
    SYNC_EVERY_SECONDS: '3600',
    LOG_LEVEL: 'silent',
  });
  const standalone = await startStandalone(config, () => undefined);
  running.push({ stop: () => standalone.stop(60_000) });
  return standalone;
}

async function stopLast(): Promise<void> {
  await running.pop()?.stop();
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const api = (token: string | null) => createApi(() => `http://127.0.0.1:${ports[0]}/graphql`, token);
const say = (shop: ConnectedAccount, text: string) =>
  twin.buyerSays({ shop: shop.shop, buyer: 'Mei', content: { kind: 'text', text } });

async function reply(lumina: Workspace, account: ConnectedAccount, text: string): Promise<void> {
  const { id } = await conversationWith(lumina.agent, account.id, 'Mei');
  const send = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } errors { code } } }`;
  await lumina.agent.ask(send, { input: { clientMutationId: text, conversationId: id, text } });
}

const deliveries = (url: string) => query(url, 'select status, attempts from ingest.delivery_intent');

/** The statement to run before the services start: replies that may have been sent are looked up, not repeated. */
function doubtStatement(): string {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const [statement = ''] = /update ingest\.delivery_intent set status = 'unknown'[^;]*;/.exec(page) ?? [];
  expect(statement).not.toBe('');
  return statement;
}

async function shown(lumina: Workspace, account: ConnectedAccount): Promise<(string | null)[]> {
  return messagesOf(await conversationWith(lumina.agent, account.id, 'Mei')).map(({ text }) => text);
}

/** Waits until all messages are shown and counted, and the outboxes are empty. */
async function settled(lumina: Workspace, account: ConnectedAccount, url: string, texts: readonly string[]) {
  await eventually(async () => {
    const found = await shown(lumina, account);
    expect(found).toHaveLength(texts.length);
    expect(found).toEqual(expect.arrayContaining([...texts]));
    expect(await keptCounters(lumina.admin)).toEqual(await recount(lumina.admin));
    for (const service of ['ingest', 'conversation', 'crm', 'automation'])
      expect(await query(url, `select from ${service}.outbox_event where published_at is null`)).toEqual([]);
  });
}

test('a lost database is restored to a moment, continues from there, and fetches later messages from the platforms', async () => {
  const first = await startPostgres(original, {
    archive_mode: 'on',
    archive_command: `sh ${join(directory, 'archive-wal.sh')} %p %f ${archive}`,
  });
  await query(first.urlOf('postgres'), `create database ${database} template template0`);
  const url = first.urlOf(database);
  const standalone = await startOn(first);
  const lumina = await setUpFirstWorkspace(api, standalone.setupCode, 'lumina');
  const account = await connectShop(lumina.admin, twin, 'shopee', '900000001');

  // Messages arrive while the copy is made.
  const texts = Array.from({ length: 12 }, (_, n) => `message ${n}`);
  const said = [...texts, 'sent after the moment', 'after'];
  for (const text of texts.slice(0, 4)) say(account, text);
  const copying = takeBaseBackup({ databaseUrl: url, dataDirectory: join(original, 'postgres'), to: backup });
  for (const text of texts.slice(4, 8)) say(account, text);
  await copying;
  for (const text of texts.slice(8)) say(account, text);
  await settled(lumina, account, url, texts);
  // At the moment a reply is still queued, because the platform limits the rate. It is sent after the moment.
  twin.faults.rate('shopee', { fault: 'rate-limit', percent: 100 });
  await reply(lumina, account, 'sent after the moment');
  await eventually(async () => expect(await deliveries(url)).toEqual([{ status: 'queued', attempts: 1 }]));
  await stopLast();
  const before = await tableDigests(url);
  const [moment] = await query<{ at: Date }>(url, 'select clock_timestamp() as at');
  if (moment === undefined) throw new Error('no clock');
  // Postgres has microseconds, the restore takes milliseconds: nothing happens within this millisecond.
  const until = new Date(moment.at.getTime() + 1);

  twin.faults.clear();
  await query(url, 'update ingest.delivery_intent set due_at = now()');
  await startOn(first);
  say(account, 'after');
  await eventually(async () => expect(await deliveries(url)).toMatchObject([{ status: 'sent' }]));
  await settled(lumina, account, url, said);
  await stopLast();
  await query(url, 'drop schema conversation cascade');
  await stopLast();

  await prepareRestore({ from: backup, archive, dataDirectory: join(restored, 'postgres'), until });
  copyFileSync(join(original, 'postgres-password'), join(restored, 'postgres-password'));
  const second = await startPostgres(restored, {});
  const restoredUrl = second.urlOf(database);
  await eventually(async () =>
    expect(await query(restoredUrl, 'select pg_is_in_recovery() as is_waiting')).toEqual([{ is_waiting: false }]),
  );
  expect(await tableDigests(restoredUrl)).toEqual(before);
  await query(restoredUrl, doubtStatement());

  await startOn(second);
  expect((await shown(lumina, account)).slice(0, texts.length)).toEqual(texts);
  const sync = `mutation($id: ID!) { syncChannelAccount(input: { accountId: $id }) { errors { code } } }`;
  await lumina.admin.ask(sync, { id: account.id });
  await settled(lumina, account, restoredUrl, said);
  await eventually(async () => expect(await deliveries(restoredUrl)).toMatchObject([{ status: 'sent' }]));
  expect(twin.journal().filter(({ text }) => text === 'sent after the moment')).toHaveLength(1);

  const rebuild = spawnSync(process.execPath, [join(import.meta.dirname, '../src/rebuild.ts'), 'analytics'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: restoredUrl, CROSSDESK_SECRET: secret },
  });
  expect(rebuild).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/\d+ events.* 0 rows were wrong/),
  });
}, 150_000);
