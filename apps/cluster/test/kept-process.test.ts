import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { keepRunning } from '../src/kept-process.ts';

const root = join(import.meta.dirname, '../../..');
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'crossdesk-kept-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a process that ends is started again, and stands back as far in each of its lives', async () => {
  const script = join(directory, 'tells.mjs');
  const logFile = join(directory, 'tells.log');
  writeFileSync(script, `import { getPriority } from 'node:os';\nconsole.log(getPriority());\nprocess.exit();\n`);
  const main = relative(root, script);
  const kept = keepRunning({ name: 'tells', main, environment: process.env, logFile, niceness: 7, readyUrl: null });
  try {
    await eventually(async () => expect(readFileSync(logFile, 'utf8').split('\n').slice(0, 2)).toEqual(['7', '7']));
  } finally {
    await kept.stop();
  }
});
