import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Client, escapeLiteral, Pool } from 'pg';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Keys } from '../runtime/keys.ts';
import { isRoleClash } from './errors.ts';
import { scramVerifierOf } from './scram.ts';

export interface ServiceSchema {
  /** Name of the service, of its schema, and the middle of its role names. */
  readonly service: string;
  /** Folder of numbered forward-only SQL files. */
  readonly migrationsDirectory: string;
}

/** The schema of the embedded log, which is not a service: it has records instead of an outbox. */
export const embeddedLogSchema: ServiceSchema = {
  service: 'broker',
  migrationsDirectory: join(import.meta.dirname, '../../broker-migrations'),
};

/** The two roles a service logs in with: `app` sees one tenant, `worker` consumes batches that mix tenants. */
export type ServiceRole = 'app' | 'worker';

const kitMigrations = join(import.meta.dirname, '../../migrations');

export function roleName(service: string, role: ServiceRole | 'owner'): string {
  return `crossdesk_${service}_${role}`;
}

/** Passwords are derived from the key of the service, so that none has to be stored or passed on. */
function rolePassword(keys: Keys, service: string, role: ServiceRole): string {
  return keys.of(`${service}/postgres/${role}`).current.toString('base64url');
}

/** The database address of a service, derived from the administrator's. */
export function serviceUrl(adminUrl: string, keys: Keys, service: string, role: ServiceRole): string {
  const url = new URL(adminUrl);
  url.username = roleName(service, role);
  url.password = rolePassword(keys, service, role);
  return url.toString();
}

/**
 * Brings the schema of a service up to date: roles, schema, migrations, grants. Safe to run at every start and by
 * several processes at once (an advisory lock makes them take turns).
 */
export async function migrate(adminUrl: string, keys: Keys, schema: ServiceSchema): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  // Without a listener a broken connection would end the process; the running query rejects anyway.
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    await admin.query(`select pg_advisory_lock(hashtext('crossdesk migrate'))`);
    await prepareRoles(admin, keys, schema.service);
    if (schema !== embeddedLogSchema) await prepareJobsSchema(admin, schema.service);
    await migrateSchema(adminUrl, schema);
  } finally {
    await admin.end();
  }
}

/**
 * Every process calls this before it uses a schema. With an administrator's address it brings the schema up to date.
 * With an address that names no user the migrate job has to do that, and this only checks that it was done.
 */
export async function prepareSchema(databaseUrl: string, keys: Keys, schema: ServiceSchema): Promise<void> {
  if (new URL(databaseUrl).username !== '') return migrate(databaseUrl, keys, schema);
  const { service } = schema;
  const client = new Client({ connectionString: serviceUrl(databaseUrl, keys, service, 'worker') });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const executed = await executedMigrations(client);
    const pending = Object.keys(await readMigrations(schema)).filter((name) => !executed.includes(name));
    if (pending.length > 0) throw new Error(`its migrations ${pending.join(', ')} are pending`);
  } catch (cause) {
    const advice = 'run the migrate job, or give DATABASE_URL a user with the rights to migrate';
    throw new Error(`the schema ${service} cannot be used: ${advice}`, { cause });
  } finally {
    await client.end();
  }
}

/** Names of the migrations applied to the schema in the search path; none before the first migration. */
async function executedMigrations(client: Client | Pool): Promise<string[]> {
  const { rows: tables } = await client.query(`select where to_regclass('kysely_migration') is not null`);
  if (tables.length === 0) return [];
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration');
  return rows.map(({ name }) => name);
}

async function migrateSchema(adminUrl: string, schema: ServiceSchema): Promise<void> {
  const isService = schema !== embeddedLogSchema;
  const pool = new Pool({
    connectionString: adminUrl,
    max: 1,
    onConnect: (client) => actAsOwner(client, schema.service),
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    // Migrations of a later version are unknown here and stay: every migration is compatible with the version before
    // it, so an installation can be downgraded by one version.
    const done = Object.fromEntries(
      (await executedMigrations(pool)).map((name) => [name, { up: async () => undefined }]),
    );
    const migrator = new Migrator({
      db,
      migrationTableSchema: schema.service,
      allowUnorderedMigrations: true,
      provider: { getMigrations: async () => ({ ...done, ...(await readMigrations(schema)) }) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw new Error(`migration of ${schema.service} failed`, { cause: error });
    await grantTables(db, schema.service);
    if (isService) {
      await grantFunctions(db, schema.service);
      await sql`select scope_tenant_tables()`.execute(db);
      await sql`select ensure_month_partitions()`.execute(db);
    }
  } finally {
    await db.destroy();
  }
}

/**
 * pg_temp comes last: else a temporary table of the caller could hide a catalogue from the function that runs as owner.
 */
async function actAsOwner(client: { query(text: string): Promise<unknown> }, service: string): Promise<void> {
  await client.query(`set role ${roleName(service, 'owner')}; set search_path to ${service}, pg_temp`);
}

async function prepareRoles(admin: Client, keys: Keys, service: string): Promise<void> {
  const owner = roleName(service, 'owner');
  const logins = (['app', 'worker'] as const).map((role) => {
    const name = roleName(service, role);
    return `
      alter role ${name} password ${escapeLiteral(scramVerifierOf(rolePassword(keys, service, role)))};
      alter role ${name} set search_path to ${service};
      grant usage on schema ${service} to ${name};`;
  });
  await repeatRoleChange(() =>
    admin.query(`
      do $$ begin
        ${createRole(owner, 'nologin')}
        ${createRole(roleName(service, 'app'), 'login noinherit')}
        ${createRole(roleName(service, 'worker'), 'login noinherit')}
      end $$;
      grant ${owner}, ${roleName(service, 'worker')} to current_user;
      create schema if not exists ${service} authorization ${owner};
      revoke create on schema public from public;
      ${logins.join('')}
    `),
  );
}

const roleChangesMax = 20;

/**
 * Roles belong to the whole server, locks to one database: it can fail while another database is migrated at the same
 * time.
 */
async function repeatRoleChange(change: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await change();
      return;
    } catch (error) {
      if (attempt === roleChangesMax || !isRoleClash(error)) throw error;
    }
  }
}

/**
 * Rare jobs keep their tables in a schema that the worker role owns: graphile-worker migrates it by itself. It would
 * also create the schema, which needs rights on the database, unless it finds its list of migrations.
 */
async function prepareJobsSchema(admin: Client, service: string): Promise<void> {
  const worker = roleName(service, 'worker');
  await admin.query(`
    create schema if not exists ${service}_jobs authorization ${worker};
    set local role ${worker};
    create table if not exists ${service}_jobs.migrations (
      id int primary key, ts timestamptz not null default now(), breaking boolean not null default false
    );
  `);
}

function createRole(name: string, attributes: string): string {
  return `if not exists (select from pg_roles where rolname = '${name}') then create role ${name} ${attributes}; end if;`;
}

/** Written by functions of the owner only. An installation that was downgraded to the version before granted more for a while. */
const readOnly: readonly string[] = ['audit_entry', 'audit_head'];

/** Both roles may read and, with few exceptions, write rows, neither may change, truncate or reference tables. Partitions are reached through their parent. */
async function grantTables(db: Kysely<unknown>, service: string): Promise<void> {
  const app = roleName(service, 'app');
  const worker = roleName(service, 'worker');
  const { rows } = await sql<{ name: string; is_tenant_table: boolean }>`
    select c.relname as name,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as is_tenant_table
    from pg_class c
    where c.relnamespace = ${service}::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname not like 'kysely_%'`.execute(db);
  for (const { name, is_tenant_table } of rows) {
    // Requests have no access to tables without a tenant (consumed events, signing keys).
    const roles = is_tenant_table ? `${app}, ${worker}` : worker;
    const rights = readOnly.includes(name) ? 'select' : 'select, insert, update, delete';
    if (readOnly.includes(name))
      await sql`revoke insert, update, delete on ${sql.ref(name)} from ${sql.raw(roles)}`.execute(db);
    await sql`grant ${sql.raw(rights)} on ${sql.ref(name)} to ${sql.raw(roles)}`.execute(db);
  }
  // Allows a process without an administrator's rights to see whether its schema is up to date.
  await sql`grant select on kysely_migration to ${sql.raw(worker)}`.execute(db);
  await sql`grant usage on all sequences in schema ${sql.ref(service)} to ${sql.raw(`${app}, ${worker}`)}`.execute(db);
}

/** The functions that run as the owner, and who may call them. */
const ownerFunctions: Readonly<Record<string, readonly ServiceRole[]>> = {
  'ensure_month_partitions()': ['worker'],
  'drop_old_partitions(text, integer)': ['worker'],
  'lock_audit_head(uuid)': ['app', 'worker'],
  'append_audit_entry(uuid, timestamptz, text, uuid, text, uuid, bytea)': ['app', 'worker'],
};

async function grantFunctions(db: Kysely<unknown>, service: string): Promise<void> {
  for (const [signature, roles] of Object.entries(ownerFunctions)) {
    const callers = roles.map((role) => roleName(service, role)).join(', ');
    await sql`revoke execute on function ${sql.raw(signature)} from public`.execute(db);
    await sql`grant execute on function ${sql.raw(signature)} to ${sql.raw(callers)}`.execute(db);
  }
}

async function readMigrations(schema: ServiceSchema): Promise<Record<string, Migration>> {
  const { migrationsDirectory } = schema;
  const directories = schema === embeddedLogSchema ? [migrationsDirectory] : [kitMigrations, migrationsDirectory];
  const migrations: Record<string, Migration> = {};
  for (const directory of directories) {
    for (const file of (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()) {
      const text = await readFile(join(directory, file), 'utf8');
      migrations[file.slice(0, -'.sql'.length)] = {
        up: async (db) => {
          await sql.raw(text).execute(db);
          crashPoint('migration-applied', schema.service);
        },
      };
    }
  }
  return migrations;
}
