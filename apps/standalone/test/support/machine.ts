import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../../../..');
/** Processes in these namespaces have their own mounts and process list, and all end with the first process. */
const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * `checkout FOLDER` puts the repository there; `try_postgres CHECKOUT FOLDER …` runs try-postgres.ts of a checkout; `refused
 * COMMAND …` prints the error of the command, and fails if it succeeds. Everything is in /mnt; /var/lib is empty.
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

/** Why this machine cannot run a test with its own mounts and users; null when it can. */
export function whyNoMachine(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  const hidden = [repository, process.execPath].find((path) => /^\/(mnt|var\/lib)\//.test(path));
  if (hidden !== undefined) return `the mounts would hide ${hidden}`;
  const { status } = spawnSync('unshare', [...namespaces, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return status === 0 ? null : 'this machine does not allow mounts';
}

/**
 * Runs a shell script on this machine with its own mounts: folders, disks and users. Its mounts, files and processes
 * are gone when it ends or is killed.
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
