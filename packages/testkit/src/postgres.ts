import { serviceNames } from '@crossdesk/contracts';
import { embeddedLogSchema, keysOf, migrate } from '@crossdesk/service-kit';
import { startLocalPostgres } from '@crossdesk/local-postgres';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** The master secret of tests: 32 fixed bytes. */
export const testMaster = Buffer.alloc(32, 7);

/** The keys of tests. */
export const testKeys = keysOf(testMaster);

const templateName = 'crossdesk_template';

export interface TestPostgres {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** It may lose data when the machine fails, and serves many test files at once. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
  shared_buffers: '128MB',
};

/**
 * A Postgres for tests: `TEST_DATABASE_URL` if set, else a container if an engine answers, else a server from the
 * programs that come with npm, in its own folder.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) return prepare({ adminUrl: given, stop: async () => undefined });
  // Imported here because test files do not need it.
  const { startPostgresContainer } = await import('./containers.ts');
  return prepare((await startPostgresContainer(settings)) ?? (await startOwnPostgres()));
}

/** A server of its own, from the programs that come with npm. */
export async function startOwnPostgres(): Promise<TestPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-test-'));
  chmodSync(directory, 0o755);
  const server = await startLocalPostgres({ directory, settings });
  return { adminUrl: server.urlOf('postgres'), stop: server.remove };
}

async function prepare(postgres: TestPostgres): Promise<TestPostgres> {
  try {
    await execute(postgres.adminUrl, `drop database if exists ${templateName}`);
    await createDatabase(postgres.adminUrl, templateName, 'template0');
    await migrateAll(withDatabase(postgres.adminUrl, templateName));
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Migrates the schemas of all services and of the embedded log in one database. */
export async function migrateAll(adminUrl: string): Promise<void> {
  await migrate(adminUrl, testKeys, embeddedLogSchema);
  for (const service of serviceNames) {
    const migrationsDirectory = join(import.meta.dirname, '../../../services', service, 'migrations');
    await migrate(adminUrl, testKeys, { service, migrationsDirectory });
  }
}

export interface TestDatabase {
  /** Administrator's address of the clone. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A clone of the migrated template, for one test file. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env['CROSSDESK_TEST_ADMIN_URL'];
  if (adminUrl === undefined) throw new Error('no Postgres: run the tests through `pnpm test` or `pnpm jest`');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  await createDatabase(adminUrl, name, templateName);
  return {
    url: withDatabase(adminUrl, name),
    drop: () => execute(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

async function createDatabase(adminUrl: string, name: string, template: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    // Postgres copies a template for one client at a time.
    await client.query(`select pg_advisory_lock(hashtext('crossdesk clone'))`);
    await client.query(`create database ${name} template ${template}`);
  } finally {
    await client.end();
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.toString();
}
