import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually, freePorts, startStopwatch } from '@crossdesk/testkit';
import { createApi } from './support/api.ts';
import { newDataDirectory, startChild } from './support/child.ts';
import { setUpFirstWorkspace } from './support/workspace.ts';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

async function environmentOf(changes: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const directory = newDataDirectory();
  directories.push(directory);
  const [gatewayPort, ingestPort, healthPort] = await freePorts(3);
  return {
    DATA_DIRECTORY: directory,
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: String(healthPort),
    ...changes,
  };
}

async function expectRefusal(environment: Readonly<Record<string, string>>, words: RegExp): Promise<void> {
  const child = startChild(environment);
  const { code } = await child.ended;
  expect({ code, stderr: child.stderr() }).toEqual({ code: 1, stderr: expect.stringMatching(words) });
  expect(child.stderr().trim().split('\n')).toHaveLength(1);
}

test('an installation refuses a second start on its data, stops within 10 s of SIGINT with code 0, and continues with its data', async () => {
  const environment = await environmentOf();
  const api = (token: string | null) =>
    createApi(() => `http://127.0.0.1:${environment['GATEWAY_PORT']}/graphql`, token);
  const first = startChild(environment);
  await first.ready;
  const lumina = await setUpFirstWorkspace(api, await first.setupCode, 'lumina');

  const [gatewayPort, ingestPort] = await freePorts(2);
  const ports = { GATEWAY_PORT: String(gatewayPort), INGEST_PORT: String(ingestPort), HEALTH_PORT: '0' };
  const refused = /another start runs on .*: stop it, or set DATA_DIRECTORY to another folder/;
  await expectRefusal({ ...environment, ...ports }, refused);
  const ready = await fetch(`http://127.0.0.1:${environment['HEALTH_PORT']}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ problems: [] })]);

  const stopping = startStopwatch();
  first.kill('SIGINT');
  expect(await first.ended).toEqual({ code: 0, signal: null });
  expect(stopping.quietMs()).toBeLessThan(10_000);
  expect(first.stderr()).toBe('');

  const second = startChild(environment);
  await second.ready;
  expect(second.stdout()).not.toContain('setupCode');
  expect(await lumina.admin.ask('{ me { displayName } }')).toEqual({ me: { displayName: 'admin' } });
  second.kill('SIGTERM');
  expect(await second.ended).toEqual({ code: 0, signal: null });
}, 120_000);

test('a port that is given twice is refused before a database is created', async () => {
  const environment = await environmentOf();
  await expectRefusal(
    { ...environment, INGEST_PORT: environment['GATEWAY_PORT'] ?? '' },
    /GATEWAY_PORT and INGEST_PORT are both \d+: each needs its own port/,
  );
  expect(existsSync(join(environment['DATA_DIRECTORY'] ?? '', 'postgres'))).toBe(false);
});

test('ports in use are named with their variables, before a database is created', async () => {
  const blockers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const blocker of blockers) {
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    ports.push((blocker.address() as AddressInfo).port);
  }
  const [gatewayPort, ingestPort] = ports;
  const environment = await environmentOf({ GATEWAY_PORT: String(gatewayPort), INGEST_PORT: String(ingestPort) });
  const told = (port: number | undefined, variable: string) =>
    `port ${port} is in use: stop the program that uses it, or set ${variable} to another port`;
  const words = `^cannot start: ${told(gatewayPort, 'GATEWAY_PORT')}; ${told(ingestPort, 'INGEST_PORT')}\n$`;
  await expectRefusal(environment, new RegExp(words));
  expect(readdirSync(environment['DATA_DIRECTORY'] ?? '')).toEqual([]);
  for (const blocker of blockers) blocker.close();
}, 30_000);

test('a signal during the start leaves no process behind', async () => {
  const environment = await environmentOf();
  const child = startChild(environment);
  const postgres = join(environment['DATA_DIRECTORY'] ?? '', 'postgres/postmaster.pid');
  await eventually(async () => expect(existsSync(postgres)).toBe(true), 60_000);
  child.kill('SIGTERM');
  await child.ended;
  await eventually(async () => expect(existsSync(postgres)).toBe(false), 60_000);
}, 90_000);

test('a damaged data folder is named in one line', async () => {
  const environment = await environmentOf();
  mkdirSync(join(environment['DATA_DIRECTORY'] ?? '', 'postgres/base'), { recursive: true });
  await expectRefusal(environment, /the data folder .* cannot be used .*restore it from a backup, or move it away/);
}, 30_000);

test('wrong variables are named together in one line', async () => {
  await expectRefusal(
    await environmentOf({ GATEWAY_PORT: 'many', SYNC_EVERY_SECONDS: '0' }),
    /SYNC_EVERY_SECONDS.*GATEWAY_PORT/s,
  );
}, 30_000);

test('a database that cannot be reached is named in one line', async () => {
  const [nothing] = await freePorts(1);
  await expectRefusal(
    await environmentOf({ DATABASE_URL: `postgres://crossdesk:secret-word@127.0.0.1:${nothing}/nothing` }),
    /^(?!.*secret-word).*DATABASE_URL cannot be used/,
  );
}, 30_000);
