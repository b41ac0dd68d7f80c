import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { LocalPostgresError } from './errors.ts';

/** Another user than the current one, who runs the server. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In order of preference; Linux distributions always have the last two. `initdb` needs a user with a name. */
const candidates = ['postgres', 'nobody', 'daemon', 'bin'];

/**
 * The user who runs the server on a data folder; null = the user of this process. Postgres refuses to run as root, so
 * root uses the folder's owner, even if a better candidate was installed since, and for a new folder an unprivileged
 * account.
 */
export function serverUser(data: string): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = existsSync(data) ? statSync(data) : { uid: 0, gid: 0 };
  if (uid !== 0) return { name: nameOf(uid), uid, gid };
  const [best] = accounts(candidates);
  if (best !== undefined) return best;
  throw new LocalPostgresError(
    `Postgres cannot run as root, and none of the users ${candidates.join(', ')} exists: make one (useradd --system postgres), or start as an ordinary user`,
  );
}

export function nameOf(uid: number): string {
  return accounts([String(uid)])[0]?.name ?? String(uid);
}

/**
 * Whether a user can reach the content of a folder. The system decides, so modes of parent folders and ACLs count too.
 */
export function mayEnter({ uid, gid }: SystemUser, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** The accounts with these names or numbers, in this order. */
function accounts(keys: readonly string[]): SystemUser[] {
  // It prints those that exist. A small image may lack the program.
  const getent = spawnSync('getent', ['passwd', ...keys], { encoding: 'utf8' });
  const lines = getent.error === undefined ? getent.stdout : readFileSync('/etc/passwd', 'utf8');
  const all = lines.split('\n').map((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  return keys.flatMap((key) => all.find(({ name, uid }) => uid > 0 && (name === key || String(uid) === key)) ?? []);
}
