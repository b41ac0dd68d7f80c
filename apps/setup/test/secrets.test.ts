import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  keyHolders,
  type Keyring,
  keysOf,
  parseMasterSecret,
  readKeysOf,
  seal,
  unseal,
} from '@crossdesk/service-kit';
import { changeMaster, forgetPrevious, makeSecrets } from '../src/secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'crossdesk-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

const read = (name: string) => readFileSync(join(directory, name), 'utf8').trim();
const names = [
  'master/crossdesk-secret',
  'master/crossdesk-secret-previous',
  'postgres/password',
  'postgres/admin-url',
];
const keyFiles = keyHolders.map((name) => `keys/${name}/crossdesk-keys`);

test('the first start creates the secrets, later starts keep them', () => {
  const config = { directory, adminUrl: 'postgres://postgres@postgres:5432/crossdesk' };
  expect(makeSecrets(config)).toEqual([...names, ...keyFiles]);
  const first = names.map(read);
  expect(parseMasterSecret(read('master/crossdesk-secret'))).toHaveLength(32);
  expect(read('postgres/admin-url')).toBe(`postgres://postgres:${read('postgres/password')}@postgres:5432/crossdesk`);
  expect(makeSecrets(config)).toEqual([]);
  expect(names.map(read)).toEqual(first);
});

test('other users may read only the password of Postgres', () => {
  const modes = [...names, ...keyFiles].map((name) => statSync(join(directory, name)).mode & 0o777);
  expect(modes).toEqual([0o400, 0o400, 0o444, 0o400, ...keyFiles.map(() => 0o400)]);
});

const place = { tenantId: 't', table: 'channel_account', column: 'sealed_credentials', row: 'r' } as const;
const keysOfRing = (ring: Keyring) => keysOf(ring.current);
const keysFor = (name: string) => readKeysOf(name, read(`keys/${name}/crossdesk-keys`));
const openedBy = (name: string, sealed: Buffer): string => unseal(keysFor(name).of('ingest/sealed'), place, sealed);

test('a process gets its own keys: those of no other open what ingest sealed', () => {
  const sealed = seal(keysFor('ingest').of('ingest/sealed'), place, 'token');
  expect(openedBy('ingest', sealed)).toBe('token');
  for (const name of keyHolders.filter((holder) => holder !== 'ingest')) {
    const text = read(`keys/${name}/crossdesk-keys`);
    expect(text).not.toContain(read('master/crossdesk-secret').replace(/=+$/, ''));
    expect(() => openedBy(name, sealed)).toThrow('CROSSDESK_KEYS has no key for ingest/sealed');
    // Not even if a key it holds is taken for another one.
    for (const [, key = ''] of text.matchAll(/:([\w-]{43})/g)) {
      const ring = { current: Buffer.from(key, 'base64url'), previous: null };
      expect(() => unseal(ring, place, sealed)).toThrow('another key');
      expect(() => unseal(keysOfRing(ring).of('ingest/sealed'), place, sealed)).toThrow('another key');
    }
    expect(() => keysFor(name).of('ingest/postgres/worker')).toThrow(ConfigError);
  }
  expect(keysFor('gateway').of('ingest/request-context')).toEqual(keysFor('ingest').of('ingest/request-context'));
});

test('the master secret is changed in two steps, and a step that was interrupted is repeated', () => {
  const before = read('master/crossdesk-secret');
  const sealed = seal(keysFor('ingest').of('ingest/sealed'), place, 'token');
  writeFileSync(join(directory, 'master/crossdesk-secret-previous.new'), before);
  renameSync(
    join(directory, 'master/crossdesk-secret-previous.new'),
    join(directory, 'master/crossdesk-secret-previous'),
  );
  expect(makeSecrets({ directory, adminUrl: 'postgres://postgres@postgres:5432/crossdesk' })).toEqual([]);
  changeMaster({ directory });
  expect(read('master/crossdesk-secret')).not.toBe(before);
  expect(read('master/crossdesk-secret-previous')).toBe(before);
  expect(openedBy('ingest', sealed)).toBe('token');
  expect(() => changeMaster({ directory })).toThrow('being changed already');
  forgetPrevious({ directory });
  expect(() => openedBy('ingest', sealed)).toThrow('another key');
});
