import { chown, lstat, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { copyCluster } from './copy-cluster.ts';

export interface BaseBackupOptions {
  /** A superuser's address of the running server. */
  readonly databaseUrl: string;
  /** The data folder of that server, on this machine. */
  readonly dataDirectory: string;
  /** The folder for the backup; must be empty or new. */
  readonly to: string;
}

/**
 * Copies a running cluster. If the write-ahead log is archived from now on, it can be restored to any moment after this
 * returns.
 * @throws when the server does not archive its write-ahead log: the copy alone would be useless
 */
export async function takeBaseBackup({ databaseUrl, dataDirectory, to }: BaseBackupOptions): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'crossdesk backup' });
  await client.connect();
  try {
    await checkServer(client, dataDirectory);
    if ((await entriesOf(to)).length > 0) throw new Error(`${to} is not empty`);
    await client.query(`select pg_backup_start('crossdesk ' || now(), fast => true)`);
    await copyCluster(dataDirectory, to);
    // Resolves when the last segment that the copy needs is in the archive.
    const { rows } = await client.query<{ labelfile: string; spcmapfile: string }>(
      'select labelfile, spcmapfile from pg_backup_stop(wait_for_archive => true)',
    );
    const { uid, gid } = await lstat(dataDirectory);
    await writeFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 });
    await chown(join(to, 'backup_label'), uid, gid);
  } finally {
    await client.end();
  }
}

async function checkServer(client: Client, dataDirectory: string): Promise<void> {
  const { rows } = await client.query<{ folder: string; archives: string }>(
    `select current_setting('data_directory') as folder, current_setting('archive_mode') as archives`,
  );
  const [server] = rows;
  if (server?.archives !== 'on')
    throw new Error('the server does not archive its write-ahead log: set archive_mode = on');
  const [given, served] = await Promise.all([lstat(dataDirectory), lstat(server.folder)]);
  if (given.ino !== served.ino)
    throw new Error(`the server at DATABASE_URL works on ${server.folder}, not on ${dataDirectory}`);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
