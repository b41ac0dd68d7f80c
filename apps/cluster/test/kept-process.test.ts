import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { keepRunning, type KeptProcess } from '../src/kept-process.ts';

const root = join(import.meta.dirname, '../../..');
let directory: string;
/** Answers at its port in the name of `strangersName`. */
let stranger: Server;
let readyUrl: string;
let strangersName = 'conversation';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'crossdesk-kept-'));
  stranger = createServer((_request, response) => response.end(JSON.stringify({ service: strangersName })));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  readyUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/readyz`;
});
afterAll(() => {
  stranger.close();
  rmSync(directory, { recursive: true, force: true });
});

function keep(name: string, source: string, spec: { niceness?: number; readyUrl?: string } = {}): KeptProcess {
  const script = join(directory, `${name}.mjs`);
  writeFileSync(script, source);
  return keepRunning({
    name,
    main: relative(root, script),
    environment: process.env,
    logFile: join(directory, `${name}.log`),
    niceness: spec.niceness ?? 0,
    readyUrl: spec.readyUrl ?? null,
  });
}

test('a process that ends is restarted with the same niceness', async () => {
  const source = `import { getPriority } from 'node:os';\nconsole.log(getPriority());\nprocess.exit();\n`;
  const kept = keep('tells', source, { niceness: 7 });
  try {
    await eventually(async () =>
      expect(readFileSync(join(directory, 'tells.log'), 'utf8').split('\n').slice(0, 2)).toEqual(['7', '7']),
    );
  } finally {
    await kept.stop();
  }
});

test('a process that cannot start fails at once with its own error, although another server answers at its address', async () => {
  strangersName = 'gateway';
  const source = `
    process.send({ cannotStart: 'port 7 is in use', isFinal: true }, () => process.exit(1));`;
  const kept = keep('gateway', source, { readyUrl });
  await expect(kept.ready()).rejects.toThrow('gateway: port 7 is in use');
  await kept.stop();
});

test('a process is ready only when it has started and the answer has its name', async () => {
  strangersName = 'conversation';
  const steps = join(directory, 'steps');
  const source = `
    import { appendFileSync, watchFile } from 'node:fs';
    appendFileSync(${JSON.stringify(steps)}, 'runs ');
    process.on('SIGUSR2', () => process.send({ hasStarted: true }, () => appendFileSync(${JSON.stringify(steps)}, 'started ')));
    setInterval(() => {}, 1_000);`;
  const kept = keep('crm', source, { readyUrl });
  let isReady = false;
  const ready = kept.ready().then(() => {
    isReady = true;
  });
  const said = (words: string) =>
    eventually(async () => expect(readFileSync(steps, { encoding: 'utf8', flag: 'a+' })).toBe(words));
  try {
    await said('runs ');
    strangersName = 'crm';
    expect(isReady).toBe(false);
    strangersName = 'conversation';
    process.kill(kept.pid() ?? 0, 'SIGUSR2');
    await said('runs started ');
    expect(isReady).toBe(false);
    strangersName = 'crm';
    await ready;
  } finally {
    await kept.stop();
  }
});
