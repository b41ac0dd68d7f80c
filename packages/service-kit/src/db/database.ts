import type { TenantId } from '@crossdesk/contracts';
import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { type ClientBase, Pool } from 'pg';
import { isTransient } from './errors.ts';
import { limitSettings } from './row-limits.ts';
import { timedTransaction } from './timed-transaction.ts';

/** The access of a service to its database. */
export interface Database<Tables> {
  /**
   * Runs request code in one transaction that sees the rows of one tenant only, and of those what the caller of the
   * request may see (`withinLimits`). It is the only way for a resolver to
   * reach the database. Repeated like work of the worker role.
   * @throws WorkOverdue when it takes longer than a statement may
   */
  forTenant<Result>(tenantId: TenantId, work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** For consumers, relay and due work: sees every tenant, so every statement must name `tenant_id`. */
  readonly worker: Kysely<Tables>;
  /**
   * One transaction of the worker role, repeated when Postgres asks for it (deadlock, serialisation).
   * @throws WorkOverdue when the work takes longer than a statement may
   */
  asWorker<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Why it cannot be used now; null = it answers. */
  problem(): Promise<string | null>;
  /** The connections of each role. */
  pools(): readonly PoolState[];
  close(): Promise<void>;
}

export interface PoolState {
  readonly role: 'app' | 'worker';
  readonly busy: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export interface DatabaseOptions {
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly connectionsMax: number;
  /** How long a transaction may take, of either role; shorter in tests. */
  readonly transactionMsMax?: number;
  /** Called when a connection breaks; the running query rejects, and the pool replaces the connection by itself. */
  onConnectionError(error: Error): void;
}

const attemptsMax = 4;
/**
 * The limit of a statement, and of a whole transaction. By then the gateway has given the request up
 * (`subgraphTimeoutMs`).
 */
const requestMsMax = 15_000;
const workMsMax = 60_000;

export function openDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const { transactionMsMax } = options;
  const msMax = { app: transactionMsMax ?? requestMsMax, worker: transactionMsMax ?? workMsMax };
  const pools = {
    app: openPool(options.appUrl, options, msMax.app),
    worker: openPool(options.workerUrl, options, msMax.worker),
  };
  pools.worker.on('connect', prepareInserts);
  const app = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pools.app }) });
  const worker = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pools.worker }) });
  return {
    worker,
    problem: () => problemOf(worker),
    pools: () => (['app', 'worker'] as const).map((role) => stateOf(role, pools[role])),
    asWorker: (work) => repeatable(() => timedTransaction(worker, msMax.worker, work)),
    forTenant: (tenantId, work) =>
      repeatable(() =>
        timedTransaction(app, msMax.app, async (trx) => {
          // Local to the transaction: a pooled connection never carries a tenant into the next request.
          await sql`select set_config('app.tenant_id', ${tenantId}, true)${limitSettings()}`.execute(trx);
          return work(trx);
        }),
      ),
    close: async () => {
      await Promise.all([app.destroy(), worker.destroy()]);
    },
  };
}

/** Probes wait no longer than three seconds for the whole answer. */
const answerMsMax = 2_000;

async function problemOf<Tables>(worker: Kysely<Tables>): Promise<string | null> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`the database has not answered for ${answerMsMax / 1_000} s`), answerMsMax);
  const asked = sql`select 1`.execute(worker).then(
    () => null,
    () => 'the database cannot be reached',
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

function stateOf(role: PoolState['role'], { totalCount, idleCount, waitingCount }: Pool): PoolState {
  return { role, busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
}

function openPool(url: string, options: DatabaseOptions, statementTimeoutMs: number): Pool {
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
  // The pool only listens on idle connections: without this, one that breaks during a transaction would end the
  // process.
  pool.on('connect', (client) => client.on('error', options.onConnectionError));
  return pool;
}

/**
 * Lets a connection parse and plan each insert once: with small batches that takes as long as the rows. The repeated
 * inserts of the worker role have a constant text and only look up the key of the row they write, so a plan made while
 * the table was empty is as good as any. This is not true of other statements.
 */
function prepareInserts(client: ClientBase): void {
  const { query } = client;
  Object.assign(client, {
    query: (text: unknown, values: unknown, ...rest: unknown[]): unknown =>
      typeof text === 'string' && /^\s*insert /i.test(text)
        ? Reflect.apply(query, client, [{ name: nameOfStatement(text), text, values }, ...rest])
        : Reflect.apply(query, client, [text, values, ...rest]),
  });
}

function nameOfStatement(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
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
