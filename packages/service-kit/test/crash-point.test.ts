import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const modulePath = join(import.meta.dirname, '../src/runtime/crash-point.ts');
const passThrice = `
  import { crashPoint } from ${JSON.stringify(modulePath)};
  for (const n of [1, 2, 3]) { crashPoint('outbox-read', 'crm'); process.stdout.write(String(n)); }`;

function run(environment: Record<string, string>): { signal: string | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--input-type=module', '--eval', passThrice], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
}

test('an armed process dies at the given pass, by a signal that cannot be caught', () => {
  const { signal, stdout, stderr } = run({ CROSSDESK_CRASH_TEST: 'yes', CROSSDESK_CRASH_AT: 'outbox-read:2' });
  expect([signal, stdout]).toEqual(['SIGKILL', '1']);
  expect(stderr).toContain('crash point outbox-read@crm');
});

test('a point at another place is ignored', () => {
  const armedElsewhere = { CROSSDESK_CRASH_TEST: 'yes', CROSSDESK_CRASH_AT: 'outbox-read@ingest:1' };
  expect(run(armedElsewhere)).toMatchObject({ signal: null, stdout: '123' });
  expect(run({ CROSSDESK_CRASH_TEST: 'yes', CROSSDESK_CRASH_AT: 'outbox-read@crm:3' })).toMatchObject({
    signal: 'SIGKILL',
    stdout: '12',
  });
});

test('a process that is not the subject of a crash test ignores the arming', () => {
  expect(run({ CROSSDESK_CRASH_AT: 'outbox-read:1' })).toMatchObject({ signal: null, stdout: '123' });
});
