import { LocalPostgresError, startLocalPostgres } from '@crossdesk/local-postgres';
import { ConfigError, type Keys, masterKeysIn } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { StandaloneConfig } from './config.ts';

export interface Foundation {
  readonly databaseUrl: string;
  readonly keys: Keys;
  /** Whether the database was running before: then other processes may be using it. */
  readonly wasRunning: boolean;
  /** The given folder, and the folder of the Postgres data if it is another; empty when a database was given. */
  readonly dataDirectories: readonly string[];
  stop(): Promise<void>;
}

const databaseName = 'crossdesk';
const postgresMajorMin = 18;

/**
 * The foundation of an installation that starts now. Another that runs on the same data folder would lose its database
 * when this one stops. @throws LocalPostgresError
 */
export async function openOwnFoundation(config: Parameters<typeof openFoundation>[0]): Promise<Foundation> {
  const foundation = await openFoundation(config);
  if (config.databaseUrl === null && foundation.wasRunning)
    throw new LocalPostgresError(
      `another start runs on ${config.dataDirectory}: stop it, or set DATA_DIRECTORY to another folder`,
    );
  return foundation;
}

/** Opens Postgres (the built-in one unless another is given) and the secret of the installation. */
export async function openFoundation(
  config: Pick<StandaloneConfig, 'databaseUrl' | 'dataDirectory' | 'secrets'>,
): Promise<Foundation> {
  const { secrets, dataDirectory } = config;
  if (config.databaseUrl === null || secrets.CROSSDESK_SECRET === undefined) makeDataFolder(dataDirectory);
  const keys = masterKeysIn({ ...secrets, CROSSDESK_SECRET: secrets.CROSSDESK_SECRET ?? keptSecret(dataDirectory) });
  if (config.databaseUrl !== null) {
    await checkPostgres(config.databaseUrl);
    const databaseUrl = config.databaseUrl;
    return { databaseUrl, keys, wasRunning: true, dataDirectories: [], stop: async () => undefined };
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
    keys,
    wasRunning: server.wasRunning,
    dataDirectories: [...new Set([config.dataDirectory, server.home])],
    stop: server.stop,
  };
}

/** @throws ConfigError that says what to do */
function makeDataFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
    const why =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'it or a part of its path is a file'
        : `it cannot be made (${String(code)})`;
    throw new ConfigError(
      `DATA_DIRECTORY: ${directory} is not a folder: ${why}; set it to a folder that you may write to`,
      {
        cause,
      },
    );
  }
}

/** The secret in the data folder, created at the first start. Without it the sealed credentials are lost. */
function keptSecret(directory: string): string {
  const file = join(directory, 'secret');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomBytes(32).toString('base64');
  // The link makes the complete file appear at once: a full disk leaves no half secret, and of two starts the first wins.
  const written = `${file}.${process.pid}`;
  try {
    writeFileSync(written, `${secret}\n`, { mode: 0o600 });
    linkSync(written, file);
  } catch (cause) {
    if (!existsSync(file)) throw new Error(`cannot store the secret of the installation in ${directory}`, { cause });
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
    if (major < postgresMajorMin)
      throw new Error(`it is Postgres ${major}, but ${postgresMajorMin} or later is required`);
  } catch (error) {
    throw new Error('the Postgres at DATABASE_URL cannot be used', { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}
