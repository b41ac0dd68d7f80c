import { afterEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFaketime, openProcessClock } from '../src/system/process-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'crossdesk-clock-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('libfaketime is found for any architecture, and is null where it is not installed', () => {
  const library = join(directory, 'aarch64-linux-gnu', 'faketime', 'libfaketimeMT.so.1');
  expect(findFaketime(directory)).toBeNull();
  mkdirSync(join(library, '..'), { recursive: true });
  writeFileSync(library, '');
  expect(findFaketime(directory)).toBe(library);
  expect(findFaketime(join(directory, 'nowhere'))).toBeNull();
});

test('a file sets the clock: right at first, then ahead or behind', () => {
  mkdirSync(directory, { recursive: true });
  const { environment, set } = openProcessClock('lib.so', directory);
  const read = () => readFileSync(environment['FAKETIME_TIMESTAMP_FILE'] ?? '', 'utf8');
  expect(read()).toBe('+0\n');
  set(240);
  expect(read()).toBe('+240\n');
  set(-600);
  expect(read()).toBe('-600\n');
});
