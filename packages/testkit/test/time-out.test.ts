import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What Jest prints about the fixture. */
function runFixture(): string {
  const config = {
    rootDir: join(import.meta.dirname, '..'),
    testEnvironment: '<rootDir>/src/jest-environment.ts',
    testMatch: ['<rootDir>/test/fixtures/hangs.fixture.ts'],
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'json', 'node'],
    transform: { '\\.ts$': join(root, 'tools/jest/strip-types.cjs') },
  };
  const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')];
  const { stderr } = spawnSync(process.execPath, [...jest, '--config', JSON.stringify(config)], {
    encoding: 'utf8',
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  });
  return stderr;
}

test('a test or hook that does not end says what it waits for, and its place in the file', () => {
  const said = runFixture();
  expect(said).toMatch(
    /not over after .*, the limit is 0\.3 s\. It waits:\s+waited .* for a letter: 2 of 3 stamps came/,
  );
  expect(said).toMatch(/not over after .*, the limit is 0\.2 s\. It waits for nothing that says so\./);
  expect(said).toContain('hangs.fixture.ts:5');
  expect(said).toContain('2 failed');
});
