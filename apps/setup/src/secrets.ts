import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecretsConfig } from './config.ts';

/**
 * Creates the secrets of an installation at its first start and never changes them: without the master secret the
 * sealed credentials are lost. There are two folders, because Postgres needs one and the services need the other:
 * `services/crossdesk-secret`, `postgres/password` and `postgres/admin-url`.
 * @returns the files that were created
 */
export function makeSecrets({ adminUrl, directory }: SecretsConfig): string[] {
  const made: string[] = [];
  const keep = (name: string, mode: number, value: () => string): string => {
    const file = join(directory, name);
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
    mkdirSync(dirname(file), { recursive: true });
    const text = value();
    writeFileSync(file, `${text}\n`, { mode, flag: 'wx' });
    made.push(name);
    return text;
  };
  keep('services/crossdesk-secret', 0o400, () => randomBytes(32).toString('base64'));
  // Postgres runs as another user, so everyone who can reach this folder may read the file.
  const password = keep('postgres/password', 0o444, () => randomBytes(24).toString('base64url'));
  keep('postgres/admin-url', 0o400, () => {
    const url = new URL(adminUrl);
    url.password = password;
    return url.toString();
  });
  return made;
}
