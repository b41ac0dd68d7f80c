import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../../../..');
/** Who is in them sees mounts and processes of its own; all of them end with the first process. */
const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * `checkout FOLDER` puts the repository there; `try_postgres CHECKOUT FOLDER …` runs try-postgres.ts of a checkout; `refused
 * COMMAND …` prints why it failed, and fails when it did not. Everything is below /mnt, and /var/lib is empty.
 */
const preamble = `
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/repository && mount --bind "$REPOSITORY" /mnt/repository
touch /mnt/node && mount --bind "$NODE" /mnt/node
mkdir -m 1777 /mnt/tmp && export TMPDIR=/mnt/tmp
mount -t tmpfs -o mode=755 tmpfs /var/lib
checkout() { mkdir -p "$1" && mount --bind /mnt/repository "$1"; }
try_postgres() { checkout=$1; shift; /mnt/node "$checkout/apps/standalone/test/support/try-postgres.ts" "$@"; }
refused() { if "$@" 2>&1; then exit 1; fi; }
`;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What keeps this machine from lending a test one of its own; null when nothing does. */
export function whyNoMachine(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it takes root on Linux';
  const hidden = [repository, process.execPath].find((path) => /^\/(mnt|var\/lib)\//.test(path));
  if (hidden !== undefined) return `${hidden} would be hidden by what is mounted`;
  const { status } = spawnSync('unshare', [...namespaces, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return status === 0 ? null : 'this machine allows no mounts of its own';
}

/**
 * Runs a shell script on this machine with other mounts: folders, disks and users of its own. What it mounts, writes and
 * starts is gone when it ends, also when it is killed.
 */
export function onMachine(script: string): Promise<Outcome> {
  const environment = { PATH: process.env['PATH'], REPOSITORY: repository, NODE: process.execPath };
  return new Promise((resolve) => {
    execFile(
      'unshare',
      [...namespaces, '/bin/sh', '-euc', `${preamble}\n${script}`],
      { env: environment, timeout: 200_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}
