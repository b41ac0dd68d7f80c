import { startLocalPostgres } from '@crossdesk/local-postgres';
import { parseMasterSecret } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { StandaloneConfig } from './config.ts';

export interface Foundation {
  readonly databaseUrl: string;
  readonly master: Buffer;
  /** Whether the database ran before: then others may be at work with it. */
  readonly wasRunning: boolean;
  /** The given folder, and the one where Postgres keeps its data if that is another; none where a database was given. */
  readonly dataDirectories: readonly string[];
  stop(): Promise<void>;
}

const databaseName = 'crossdesk';
const postgresMajorMin = 18;

/** What everything stands on: a Postgres (the built-in one unless another is given) and the secret of the installation. */
export async function openFoundation(
  config: Pick<StandaloneConfig, 'databaseUrl' | 'dataDirectory' | 'secret'>,
): Promise<Foundation> {
  const master = parseMasterSecret(config.secret ?? keptSecret(config.dataDirectory));
  if (config.databaseUrl !== null) {
    await checkPostgres(config.databaseUrl);
    const databaseUrl = config.databaseUrl;
    return { databaseUrl, master, wasRunning: true, dataDirectories: [], stop: async () => undefined };
  }
  const server = await startLocalPostgres({ directory: config.dataDirectory });
  try {
    await createDatabase(server.urlOf('postgres'));
  } catch (error) {
    if (!server.wasRunning) await server.stop();
    throw error;
  }
  return {
    databaseUrl: server.urlOf(databaseName),
    master,
    wasRunning: server.wasRunning,
    dataDirectories: [...new Set([config.dataDirectory, server.home])],
    stop: server.stop,
  };
}

/** The secret in the data folder, made at the first start. Losing it means losing the sealed credentials. */
function keptSecret(directory: string): string {
  const file = join(directory, 'secret');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(directory, { recursive: true });
  const secret = randomBytes(32).toString('base64');
  // Whole or not there: half of one, left by a full disk, would be taken at the next start. Of two starts the first decides.
  const written = `${file}.${process.pid}`;
  try {
    writeFileSync(written, `${secret}\n`, { mode: 0o600 });
    linkSync(written, file);
  } catch (cause) {
    if (!existsSync(file)) throw new Error(`the secret of the installation cannot be kept in ${directory}`, { cause });
  } finally {
    rmSync(written, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName} template template0`);
  } finally {
    await client.end();
  }
}

async function checkPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    const major = Math.floor(Number(rows[0]?.version ?? 0) / 10_000);
    if (major < postgresMajorMin) throw new Error(`it is Postgres ${major}, ${postgresMajorMin} or later is needed`);
  } catch (error) {
    throw new Error('the Postgres at DATABASE_URL cannot be used', { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}
