import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit/waiting';
import { Client } from 'pg';
import { type LocalPostgres, LocalPostgresError, startLocalPostgres } from '../src/index.ts';

let directory: string;
let running: LocalPostgres[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crossdesk-local-'));
  // Postgres runs as another user when the tests run as root.
  chmodSync(directory, 0o755);
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  rmSync(directory, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = {}): Promise<LocalPostgres> {
  const server = await startLocalPostgres({ directory, settings: { shared_buffers: '16MB', ...settings } });
  running.push(server);
  return server;
}

async function ask<Row extends object>(server: LocalPostgres, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: server.urlOf('postgres') });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = () => Number(readFileSync(join(directory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

async function refusalOf(starting: Promise<LocalPostgres>): Promise<string> {
  const outcome = await starting.then(
    () => null,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(LocalPostgresError);
  return outcome instanceof Error ? outcome.message : '';
}

test('starts Postgres 18 on the loopback address, shares a running server, and finds its data again', async () => {
  const first = await start({ max_connections: '33' });
  const [facts] = await ask<{
    version: number;
    address: string;
    connections: string;
    encoding: string;
    locale: string;
  }>(
    first,
    `select current_setting('server_version_num')::int / 10000 as version, host(inet_server_addr()) as address,
       current_setting('max_connections') as connections, current_setting('server_encoding') as encoding,
       (select datlocale from pg_database where datname = 'postgres') as locale`,
  );
  expect(facts).toEqual({ version: 18, address: '127.0.0.1', connections: '33', encoding: 'UTF8', locale: 'C.UTF-8' });
  await ask(first, `create table kept as select 'yes' as answer`);

  const second = await start();
  expect(second.urlOf('postgres')).toBe(first.urlOf('postgres'));
  await second.stop();
  await expect(ask(first, 'select 1')).rejects.toThrow(/ECONNREFUSED/);

  const third = await start();
  expect(await ask(third, 'select answer from kept')).toEqual([{ answer: 'yes' }]);
});

test('a connection needs the password, which only its owner can read', async () => {
  const server = await start();
  const url = new URL(server.urlOf('postgres'));
  url.password = 'guessed';
  await expect(new Client({ connectionString: url.toString() }).connect()).rejects.toThrow(
    /password authentication failed/,
  );
  expect(statSync(join(directory, 'postgres-password')).mode & 0o077).toBe(0);
});

test('comes back with its data after the server was killed', async () => {
  const server = await start();
  await ask(server, 'create table kept as select generate_series(1, 100) as n');
  for (let kill = 0; kill < 2; kill += 1) {
    process.kill(pidOf(), 'SIGKILL');
    const again = await start();
    expect(await ask(again, 'select count(*)::int as n from kept')).toEqual([{ n: 100 }]);
  }
});

/** Starts the server in a separate process, which lives until it is killed. */
async function startElsewhere(): Promise<{ kill(): Promise<void> }> {
  const source = `
    import { startLocalPostgres } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
    await startLocalPostgres({ directory: ${JSON.stringify(directory)}, settings: { shared_buffers: '16MB' } });
    console.log('started');
    setInterval(() => {}, 1_000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  return {
    async kill() {
      owner.kill('SIGKILL');
      await once(owner, 'exit');
    },
  };
}

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`);

test('a server ends when the process that started it is killed', async () => {
  const owner = await startElsewhere();
  const pid = pidOf();
  expect(lives(pid)).toBe(true);
  await owner.kill();
  await eventually(async () => expect(lives(pid)).toBe(false));
});

test('a server whose owner lives is shared; one that ends with its owner is waited for, and started again', async () => {
  const owner = await startElsewhere();
  const shared = await start();
  expect(shared.wasRunning).toBe(true);
  await ask(shared, `create table kept as select 'yes' as answer`);
  const pid = pidOf();
  await owner.kill();
  const own = await start();
  expect([own.wasRunning, pidOf() === pid]).toEqual([false, false]);
  expect(await ask(own, 'select answer from kept')).toEqual([{ answer: 'yes' }]);
});

test('a damaged folder is named in one line that says what to do, and is left as it is', async () => {
  const data = join(directory, 'postgres');
  const server = await start();
  await server.stop();
  running = [];

  const control = join(data, 'global/pg_control');
  const bytes = readFileSync(control);
  writeFileSync(
    control,
    bytes.map((byte) => byte ^ 0xff),
  );
  const torn = await refusalOf(start());
  expect(torn).toContain(data);
  expect(torn).toMatch(/restore it from a backup, or move it away to start with an empty one$/);
  expect(torn).not.toContain('\n');
  writeFileSync(control, bytes);

  rmSync(join(directory, 'postgres-password'));
  expect(await refusalOf(start())).toContain('its password file is missing');

  rmSync(join(data, 'PG_VERSION'));
  expect(await refusalOf(start())).toContain('it has no PG_VERSION');
  expect(existsSync(control)).toBe(true);
});

test('an empty folder, left by a start that failed, counts as none', async () => {
  mkdirSync(join(directory, 'postgres'));
  const server = await start();
  expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('removing ends the server and leaves no files', async () => {
  const server = await startLocalPostgres({ directory, settings: { shared_buffers: '16MB' } });
  expect(server.home).toBe(directory);
  await server.remove();
  await expect(ask(server, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  expect(existsSync(directory)).toBe(false);
});

test('a folder of something else is not touched', async () => {
  mkdirSync(join(directory, 'postgres'));
  writeFileSync(join(directory, 'postgres/notes.txt'), 'mine');
  expect(await refusalOf(start())).toContain('it has no PG_VERSION');
  expect(readFileSync(join(directory, 'postgres/notes.txt'), 'utf8')).toBe('mine');
});
