import { chown, chmod, copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that a server creates again by itself, or that must not be copied (its process id, its replication slots). */
const contentsLeftOut = new Set([
  ...['pg_wal', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans', 'pg_replslot'],
]);
const leftOut =
  /^(postmaster\.(pid|opts)|pgsql_tmp.*|pg_internal\.init.*|backup_label|tablespace_map|recovery\.signal|standby\.signal)$/;

/**
 * Copies the files of a cluster. They may change meanwhile: the write-ahead log between start and stop of a backup
 * corrects this. Files that vanish were dropped. Tablespaces outside the folder are refused.
 */
export async function copyCluster(from: string, to: string): Promise<void> {
  await copyFolder(from, to, '');
}

async function copyFolder(from: string, to: string, inside: string): Promise<void> {
  const { mode, uid, gid } = await lstat(join(from, inside));
  await mkdir(join(to, inside), { recursive: true });
  await chmod(join(to, inside), mode);
  await chown(join(to, inside), uid, gid);
  if (contentsLeftOut.has(inside)) return;
  for (const entry of await readdir(join(from, inside), { withFileTypes: true })) {
    const path = join(inside, entry.name);
    if (leftOut.test(entry.name)) continue;
    if (entry.isSymbolicLink()) throw new Error(`${path} leads out of the data folder: tablespaces are not supported`);
    if (entry.isDirectory()) await copyFolder(from, to, path);
    else await copyOne(join(from, path), join(to, path));
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  try {
    const { uid, gid } = await lstat(from);
    await copyFile(from, to);
    await chown(to, uid, gid);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return;
    throw error;
  }
}
