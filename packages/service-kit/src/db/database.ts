import type { TenantId } from '@crossdesk/contracts';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool } from 'pg';
import { isTransient } from './errors.ts';

/** A service's way to its database. */
export interface Database<Tables> {
  /**
   * Runs request code in one transaction that sees the rows of one tenant only. The only way for a resolver to a
   * database client.
   */
  forTenant<Result>(tenantId: TenantId, work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Consumers, relay and due work: sees every tenant, names `tenant_id` in every statement. */
  readonly worker: Kysely<Tables>;
  /** One transaction of the worker role, repeated when Postgres asks for it (deadlock, serialisation). */
  asWorker<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly connectionsMax: number;
  /** Told when a connection breaks; the query in hand rejects, and the pool replaces the connection by itself. */
  onConnectionError(error: Error): void;
}

const attemptsMax = 4;

export function openDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const app = openPool<Tables>(options.appUrl, options, 15_000);
  const worker = openPool<Tables>(options.workerUrl, options, 60_000);
  return {
    worker,
    asWorker: (work) => repeatable(() => worker.transaction().execute(work)),
    forTenant: (tenantId, work) =>
      repeatable(() =>
        app.transaction().execute(async (trx) => {
          // Local to the transaction: a pooled connection never carries a tenant into the next request.
          await sql`select set_config('app.tenant_id', ${tenantId}, true)`.execute(trx);
          return work(trx);
        }),
      ),
    close: async () => {
      await Promise.all([app.destroy(), worker.destroy()]);
    },
  };
}

function openPool<Tables>(url: string, options: DatabaseOptions, statementTimeoutMs: number): Kysely<Tables> {
  const pool = new Pool({
    connectionString: url,
    max: options.connectionsMax,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'crossdesk',
  });
  pool.on('error', options.onConnectionError);
  // The pool listens on idle connections only: one that breaks while a transaction has it would end the process.
  pool.on('connect', (client) => client.on('error', options.onConnectionError));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

async function repeatable<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === attemptsMax || !isTransient(error)) throw error;
    }
  }
}
