import { appendFile, chown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyCluster } from './copy-cluster.ts';

export interface RestoreOptions {
  /** A base backup. */
  readonly from: string;
  /** The archive of the write-ahead log. */
  readonly archive: string;
  /** The new data folder; must not exist yet. */
  readonly dataDirectory: string;
  /** The moment to restore to; null for everything that is archived. */
  readonly until: Date | null;
}

/**
 * Prepares a data folder: a server that starts on it replays the write-ahead log up to the moment, then accepts writes.
 */
export async function prepareRestore({ from, archive, dataDirectory, until }: RestoreOptions): Promise<void> {
  if (!(await readdir(from)).includes('backup_label')) throw new Error(`${from} is not a finished base backup`);
  await mkdir(dataDirectory);
  await copyCluster(from, dataDirectory);
  const { uid, gid } = await lstat(from);
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(dataDirectory, name), text, { mode: 0o600 });
    await chown(join(dataDirectory, name), uid, gid);
  };
  // The copy leaves labels out, because a copy of a running server must not have those of an older backup.
  await write('backup_label', await readFile(join(from, 'backup_label'), 'utf8'));
  await write('recovery.signal', '');
  // A starting server does not know any names of time zones yet, not even Z.
  const target = until === null ? '' : `recovery_target_time = '${until.toISOString().replace('Z', '+00')}'\n`;
  await appendFile(
    join(dataDirectory, 'postgresql.auto.conf'),
    `restore_command = 'cp "${archive.replaceAll(`'`, `''`)}/%f" "%p"'\n${target}recovery_target_action = 'promote'\n`,
  );
}
