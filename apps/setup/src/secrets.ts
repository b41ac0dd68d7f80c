import { keyHolders, type Keys, keysOf, parseMasterSecret, writeKeysOf } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecretsConfig } from './config.ts';

const master = 'master/crossdesk-secret';
/** Empty unless the master secret is being changed. */
const previous = 'master/crossdesk-secret-previous';

/**
 * Creates the secrets of an installation at its first start and never changes them: without the master secret the
 * sealed credentials are lost. Each process finds its own keys in its own folder, `keys/<process>`; only the jobs of the
 * operator read the folder `master`.
 * @returns the files that were written
 */
export function makeSecrets({ adminUrl, directory }: SecretsConfig): string[] {
  const files = openFolder(directory);
  files.keep(master, 0o400, newSecret);
  files.keep(previous, 0o400, () => '');
  // Postgres runs as another user, so everyone who can reach this folder may read the file.
  const password = files.keep('postgres/password', 0o444, () => randomBytes(24).toString('base64url'));
  files.keep('postgres/admin-url', 0o400, () => {
    const url = new URL(adminUrl);
    url.password = password;
    return url.toString();
  });
  writeKeys(files);
  return files.written();
}

/** Begins to change the master secret: the one of now stays beside it until `forgetPrevious`. @throws Error during a change */
export function changeMaster({ directory }: Pick<SecretsConfig, 'directory'>): string[] {
  const files = openFolder(directory);
  const old = files.read(master);
  if (files.read(previous) !== '' && files.read(previous) !== old)
    throw new Error('the master secret is being changed already: end that change with `secrets forget-previous`');
  // In this order: a change that ends in between is begun again by the same command.
  files.write(previous, 0o400, old);
  files.write(master, 0o400, newSecret());
  writeKeys(files);
  return files.written();
}

/** Ends the change: what was not sealed again can never be opened. */
export function forgetPrevious({ directory }: Pick<SecretsConfig, 'directory'>): string[] {
  const files = openFolder(directory);
  files.write(previous, 0o400, '');
  writeKeys(files);
  return files.written();
}

function newSecret(): string {
  return randomBytes(32).toString('base64');
}

function writeKeys(files: Folder): void {
  const [current, before] = [files.read(master), files.read(previous)];
  const isChanging = before !== '' && before !== current;
  const keys: Keys = keysOf(parseMasterSecret(current), isChanging ? parseMasterSecret(before) : null);
  for (const name of keyHolders) files.write(`keys/${name}/crossdesk-keys`, 0o400, writeKeysOf(name, keys));
}

type Folder = ReturnType<typeof openFolder>;

function openFolder(directory: string) {
  const written = new Set<string>();
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8').trim();

  /** Replaces the whole file at once, so that no reader ever sees half a secret. */
  function write(name: string, mode: number, text: string): void {
    const file = join(directory, name);
    if (existsSync(file) && read(name) === text) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${text}\n`, { mode });
    renameSync(`${file}.new`, file);
    written.add(name);
  }

  function keep(name: string, mode: number, value: () => string): string {
    if (!existsSync(join(directory, name))) write(name, mode, value());
    return read(name);
  }

  return { read, write, keep, written: () => [...written] };
}
