import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LocalPostgresError } from './errors.ts';

/**
 * Files that root keeps for the user who runs the server, if that user cannot enter the checkout. They are not in the
 * folder for temporary files, because that may be emptied while a server runs.
 */
const sharedFolder = '/var/lib/crossdesk';

const abandonedAfterMs = 3_600_000;

/** @throws LocalPostgresError when it cannot be created; `why` says which user needs it for what */
export function openSharedFolder(why: string): string {
  try {
    if (mkdirSync(sharedFolder, { recursive: true }) !== undefined) chmodSync(sharedFolder, 0o755);
    return sharedFolder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocalPostgresError(
      `${why}, and ${sharedFolder} cannot be made (${reason}): use a folder that everyone may enter, as in /opt, or start as an ordinary user`,
      { cause },
    );
  }
}

/**
 * Creates something under a temporary name: `make` gets an empty folder, which is removed afterwards unless it was
 * renamed. Remains of a killed process are removed after an hour.
 */
export function makeAside<Result>(parent: string, make: (folder: string) => Result): Result {
  const prefix = 'making-';
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    const left = join(parent, name);
    const { mtimeMs } = statSync(left, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > abandonedAfterMs) rmSync(left, { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(parent, prefix));
  try {
    return make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
