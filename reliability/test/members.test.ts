import { afterEach, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, readyUrlAt } from '@crossdesk/cluster';
import { freePorts } from '@crossdesk/local-machine';
import { hostNameVariable, multiply } from '../src/system/members.ts';
import { supervise, type Supervised } from '../src/system/supervised.ts';

/** Closes what a test has opened. */
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** Writes its name at its start, and goes on running. */
const program = `
  const { appendFileSync } = require('node:fs');
  appendFileSync(process.env.SAID, process.env.${hostNameVariable} + '\\n');
  setInterval(() => undefined, 1000);
  console.log('here I am');
`;

function startMember(): { readonly member: Supervised; readonly said: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-member-'));
  const file = join(directory, 'said');
  const main = join(directory, 'main.cjs');
  writeFileSync(main, program);
  const member = supervise({
    ...{ name: 'crm 1', main, variant: [], arguments: [], crashAt: [] },
    ready: { words: 'here I am' },
    logFile: join(directory, 'log'),
    environment: { SAID: file, [hostNameVariable]: 'crm-1' },
  });
  opened.push(async () => {
    await member.stop();
    rmSync(directory, { recursive: true });
  });
  return { member, said: () => readFileSync(file, 'utf8').trim().split('\n') };
}

test('a member that was killed starts again with its name', async () => {
  const { member, said } = startMember();
  await member.ready();
  const { pid } = member;
  member.signal('SIGKILL');
  while (member.pid === pid) await new Promise((resolve) => setImmediate(resolve));
  await member.ready();
  expect(said()).toEqual(['crm-1', 'crm-1']);
});

test('a member ends with a harness that is killed, also while it is halted', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-harness-'));
  opened.push(() => rmSync(directory, { recursive: true }));
  const main = join(directory, 'main.cjs');
  writeFileSync(main, program);
  const spec = {
    ...{ name: 'crm 1', main, variant: [], arguments: [], crashAt: [] },
    ready: { words: 'here I am' },
    logFile: join(directory, 'log'),
    environment: { SAID: join(directory, 'said'), [hostNameVariable]: 'crm-1' },
  };
  const harness = execFile(process.execPath, [
    ...['--no-warnings', '--input-type=module', '--eval'],
    `import { supervise } from ${JSON.stringify(import.meta.resolve('../src/system/supervised.ts'))};
     const member = supervise(${JSON.stringify(spec)});
     await member.ready();
     member.signal('SIGSTOP');
     console.log(member.pid);`,
  ]);
  const [chunk]: unknown[] = harness.stdout === null ? [] : await once(harness.stdout, 'data');
  const pid = Number(String(chunk).trim());
  expect(isAlive(pid)).toBe(true);
  harness.kill('SIGKILL');
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

function isAlive(pid: number): boolean {
  try {
    // A zombie (dead, not yet collected) counts as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a member that left stays away until another one joins', async () => {
  const { member, said } = startMember();
  await member.ready();
  const { pid } = member;
  // It was killed a moment before and is about to start again.
  member.signal('SIGKILL');
  await member.leave();
  expect(member.pid).toBe(pid);
  member.join({ [hostNameVariable]: 'crm-1-pod-1' });
  await member.ready();
  expect(said()).toEqual(['crm-1', 'crm-1-pod-1']);
  expect(member.restarts).toBe(1);
});

test('each member has its own port and name, and connections to the service go to the members in turn', async () => {
  const [port = 0, healthPort = 0] = await freePorts(2);
  const described = {
    name: 'crm',
    main: 'services/crm/src/main.ts',
    environment: { HTTP_PORT: String(port), HEALTH_PORT: String(healthPort) },
    port,
    readyUrl: readyUrlAt('127.0.0.1', healthPort),
  };
  const { services, doors } = await multiply({ services: [described], gateway: described, graphqlUrl: '' }, 2);
  opened.push(() => Promise.all(doors.map((door) => door.close())));
  const hostNames = services.map(({ environment }) =>
    execFileSync(process.execPath, ['-p', `require('node:os').hostname()`], {
      env: environment,
      encoding: 'utf8',
    }).trim(),
  );
  expect(hostNames).toEqual(['crm-1', 'crm-2']);
  const asked = await Promise.all(
    services.map(async ({ environment, readyUrl: own }) => {
      expect(own).toBe(readyUrlAt('127.0.0.1', Number(environment['HEALTH_PORT'])));
      expect(own).not.toBe(described.readyUrl);
      let times = 0;
      const server = createServer((_request, response) => {
        times += 1;
        response.setHeader('connection', 'close').end();
      }).listen(Number(environment['HTTP_PORT']), '127.0.0.1');
      await once(server, 'listening');
      opened.push(() => server.close());
      expect((server.address() as AddressInfo).port).not.toBe(port);
      return () => times;
    }),
  );
  for (let n = 0; n < 4; n += 1) expect(await answers(`http://127.0.0.1:${port}/`)).toBe(true);
  expect(asked.map((times) => times())).toEqual([2, 2]);
});
