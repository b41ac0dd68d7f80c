import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMasterSecret } from '@crossdesk/service-kit';
import { makeSecrets } from '../src/secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'crossdesk-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

const read = (name: string) => readFileSync(join(directory, name), 'utf8').trim();
const names = ['services/crossdesk-secret', 'postgres/password', 'postgres/admin-url'];

test('the first start creates the secrets, later starts keep them', () => {
  const config = { directory, adminUrl: 'postgres://postgres@postgres:5432/crossdesk' };
  expect(makeSecrets(config)).toEqual(names);
  const first = names.map(read);
  expect(parseMasterSecret(read('services/crossdesk-secret'))).toHaveLength(32);
  expect(read('postgres/admin-url')).toBe(`postgres://postgres:${read('postgres/password')}@postgres:5432/crossdesk`);
  expect(makeSecrets(config)).toEqual([]);
  expect(names.map(read)).toEqual(first);
});

test('other users may read only the password of Postgres', () => {
  const modes = names.map((name) => statSync(join(directory, name)).mode & 0o777);
  expect(modes).toEqual([0o400, 0o444, 0o400]);
});
