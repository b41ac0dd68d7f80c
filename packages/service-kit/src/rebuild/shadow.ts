import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Client, Pool } from 'pg';
import { roleName } from '../db/migrate.ts';

/** Empty twins of a projection's tables; handlers write to them unchanged. */
export interface Shadow<Tables> {
  readonly schema: string;
  /** One transaction in which unqualified table names mean the twins, or the live tables if there is no twin. */
  apply(work: (trx: Transaction<Tables>) => Promise<void>): Promise<void>;
  /** One transaction that can name both. */
  compare<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  drop(): Promise<void>;
}

export interface ShadowOptions {
  readonly adminUrl: string;
  readonly workerUrl: string;
  readonly service: string;
  readonly tables: readonly string[];
}

/**
 * Creates the twins in a schema of their own, owned by the worker role and unlogged: after a crash they are created
 * again. Consumed events and outbox have a twin too, so that a rebuild does not affect live consumption and publishes
 * nothing. One rebuild of a service at a time.
 */
export async function createShadow<Tables>(options: ShadowOptions): Promise<Shadow<Tables>> {
  const { service } = options;
  const schema = `${service}_rebuild`;
  const admin = new Client({ connectionString: options.adminUrl });
  admin.on('error', () => undefined);
  await admin.connect();
  const pool = new Pool({ connectionString: options.workerUrl, max: 2, application_name: 'crossdesk rebuild' });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const close = () => Promise.all([db.destroy(), admin.end()]);
  try {
    await takeTurn(admin, service, schema);
    await admin.query(
      `drop schema if exists ${schema} cascade; create schema ${schema} authorization ${roleName(service, 'worker')}`,
    );
    // Without an index: it is not queried before the end, and every event is read once.
    await sql`create unlogged table ${sql.table(`${schema}.consumed_event`)} (consumer text, event_id uuid)`.execute(
      db,
    );
    for (const table of ['outbox_event', ...options.tables]) {
      const [twin, live] = [sql.table(`${schema}.${table}`), sql.table(`${service}.${table}`)];
      await sql`create unlogged table ${twin} (like ${live} including all)`.execute(db);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    schema,
    apply: (work) =>
      db.transaction().execute(async (trx) => {
        await sql`set local search_path to ${sql.ref(schema)}, ${sql.ref(service)}`.execute(trx);
        await sql`set local synchronous_commit to off`.execute(trx);
        await work(trx);
      }),
    compare: (work) => db.transaction().execute(work),
    async drop() {
      await admin.query(`drop schema if exists ${schema} cascade`);
      await close();
    },
  };
}

async function takeTurn(admin: Client, service: string, schema: string): Promise<void> {
  const { rows } = await admin.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1)) as held', [schema]);
  if (rows[0]?.held !== true) throw new Error(`another rebuild of ${service} is under way`);
}
