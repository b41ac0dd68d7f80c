import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { damaged, diskFull, freeBytes, LocalPostgresError } from './errors.ts';
import { lastLine, type Programs, run } from './programs.ts';
import { mayEnter, nameOf, type SystemUser } from './server-user.ts';
import { makeAside, openSharedFolder } from './shared-folder.ts';

/** A new cluster takes 39 MB; the database and the journal of the first minutes take about as much again. */
export const clusterBytes = 80_000_000;
export const otherDisk = 'keep the data on another disk (DATA_DIRECTORY)';

/**
 * The folder with the cluster (`postgres`) and its password (`postgres-password`); both are created if they do not
 * exist. It is the given folder, or, if the user who runs the server cannot enter that, one in /var/lib/crossdesk; then
 * the given folder has a link to the cluster.
 */
export function openCluster(programs: Programs, directory: string): string {
  const data = join(directory, 'postgres');
  if (!isMissing(data)) return existingHome(programs, data);
  const { user } = programs;
  if (user === null || mayEnter(user, directory)) {
    initialise(programs, directory);
    return directory;
  }
  return openElsewhere(programs, user, data);
}

function openElsewhere(programs: Programs, user: SystemUser, data: string): string {
  const directory = dirname(data);
  const shared = openSharedFolder(`the user ${user.name}, who runs Postgres for root, may not enter ${directory}`);
  const home = mkdtempSync(join(shared, `data-of${directory.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(-60)}-`));
  try {
    chmodSync(home, 0o755);
    initialise(programs, home);
    symlinkSync(join(home, 'postgres'), data);
    return home;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    // Another process may have been faster.
    if (isMissing(data)) throw error;
    return existingHome(programs, data);
  }
}

export function passwordIn(home: string): string {
  const file = passwordFile(home);
  if (!existsSync(file)) throw damaged(join(home, 'postgres'), 'its password file is missing');
  return readFileSync(file, 'utf8').trim();
}

function existingHome({ user }: Programs, data: string): string {
  if (lstatSync(data).isSymbolicLink() && !existsSync(data))
    throw damaged(data, `it leads to ${readlinkSync(data)}, which is gone`);
  const real = realpathSync(data);
  const { uid } = statSync(real);
  if (belongsToOther(uid)) {
    throw new LocalPostgresError(
      `the data folder ${data} belongs to the user ${nameOf(uid)}: start as that user or as root`,
    );
  }
  if (!existsSync(join(real, 'PG_VERSION'))) throw damaged(data, 'it has no PG_VERSION');
  if (user !== null && uid === 0) {
    throw new LocalPostgresError(
      `the data folder ${data} belongs to root, and Postgres does not run as root: chown -R ${user.name} ${real}`,
    );
  }
  if (user !== null && !mayEnter(user, real)) {
    throw new LocalPostgresError(
      `the user ${user.name}, who runs Postgres for root, may not enter the data folder ${data}: move its parent folder to a place that everyone may enter, such as /opt, and set DATA_DIRECTORY to the new path`,
    );
  }
  return dirname(real);
}

/** An empty folder, left by an older start that failed, counts as none. It is removed. */
function isMissing(data: string): boolean {
  const stat = lstatSync(data, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (!stat.isDirectory() || belongsToOther(stat.uid) || readdirSync(data).length > 0) return false;
  rmdirSync(data);
  return true;
}

/** Whether we cannot reach a folder because it belongs to another user. Root can reach everything. */
function belongsToOther(uid: number): boolean {
  const own = process.getuid?.() ?? 0;
  return own !== 0 && own !== uid;
}

/** The cluster gets its final name only when it is complete: the remains of a failed or killed start are never used. */
function initialise(programs: Programs, home: string): void {
  try {
    makeAside(home, (making) => {
      keepPassword(home, making, programs);
      runInitdb(programs, making, passwordFile(home));
      try {
        renameSync(making, join(home, 'postgres'));
      } catch (cause) {
        // Another process may have been faster; its cluster has the same password.
        if (isMissing(join(home, 'postgres'))) throw cause;
      }
    });
  } catch (error) {
    // The new files are removed again, so this is the space that was free before.
    throw freeBytes(home) < clusterBytes ? diskFull(home, 'a new database', clusterBytes, otherDisk) : error;
  }
}

function runInitdb(programs: Programs, folder: string, passwordFrom: string): void {
  const { user } = programs;
  if (user !== null) chownSync(folder, user.uid, user.gid);
  // C.UTF-8 sorts by code point on every machine and knows which characters are letters in every script.
  const { status, output } = run(programs, 'initdb', [
    ...['-D', folder, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFrom}`],
    ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions'],
  ]);
  if (status === 0) return;
  // The first error gives the cause; the last lines are about cleaning up.
  const [complaint = lastLine(output)] = output.split('\n').filter((line) => /error: |FATAL: |PANIC: /.test(line));
  throw new LocalPostgresError(`cannot create the database in ${dirname(folder)}: ${complaint.trim()}`);
}

/** Written to another file and linked to its name, so that it is complete, and the first of several processes wins. */
function keepPassword(home: string, aside: string, { user }: Programs): void {
  const written = join(aside, 'password');
  writeFileSync(written, `${crypto.randomUUID()}\n`, { mode: 0o600 });
  if (user !== null) chownSync(written, user.uid, user.gid);
  try {
    linkSync(written, passwordFile(home));
  } catch (error) {
    if (!existsSync(passwordFile(home))) throw error;
  }
  rmSync(written);
}

function passwordFile(home: string): string {
  return join(home, 'postgres-password');
}
