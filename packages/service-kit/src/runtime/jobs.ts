import {
  Logger as JobsLogger,
  parseCronItems,
  run,
  type Runner,
  type RunnerOptions,
  runMigrations,
  type TaskList,
} from 'graphile-worker';
import { Pool } from 'pg';
import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';

export interface JobsOptions {
  readonly service: string;
  readonly workerUrl: string;
  readonly log: Logger;
  /** A rare job with its name and cron pattern (UTC). */
  readonly jobs: readonly { readonly name: string; readonly cron: string; run(): Promise<void> }[];
}

const severities = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const;

/** Prepares the tables of rare jobs; runners of other services in the database are notified, stop and start again. */
export async function prepareJobs({ service, workerUrl, log }: Omit<JobsOptions, 'jobs'>): Promise<void> {
  const pool = openPool(workerUrl, 1, log);
  try {
    await runMigrations({ pgPool: pool, schema: `${service}_jobs`, logger: new JobsLogger(() => () => undefined) });
  } finally {
    await pool.end();
  }
}

/** Runs rare jobs on time, once for all processes of a service (graphile-worker, in the schema `<service>_jobs`). */
export async function startJobs({ service, workerUrl, log, jobs }: JobsOptions): Promise<Stoppable> {
  const pool = openPool(workerUrl, 2, log);
  const taskList: TaskList = Object.fromEntries(jobs.map((job) => [job.name, () => job.run()]));
  const options: RunnerOptions = {
    pgPool: pool,
    schema: `${service}_jobs`,
    taskList,
    parsedCronItems: parseCronItems(jobs.map((job) => ({ task: job.name, match: job.cron, identifier: job.name }))),
    concurrency: 1,
    pollInterval: 30_000,
    noHandleSignals: true,
    logger: new JobsLogger(() => (level, message) => log[severities[level]]({ part: 'jobs' }, message)),
  };
  let isStopping = false;
  let runner: Runner = await begin();

  async function begin(): Promise<Runner> {
    const started = await run(options);
    started.promise
      .catch((err: unknown) => log.warn({ err }, 'jobs stopped by themselves'))
      .finally(() => {
        if (isStopping) return;
        begin().then(
          (next) => {
            runner = next;
          },
          (err: unknown) =>
            log.error({ err }, 'jobs cannot be restarted: rare work waits for the next start of the process'),
        );
      });
    return started;
  }

  return {
    name: `${service} jobs`,
    stop: async () => {
      isStopping = true;
      await runner.stop().catch((err: unknown) => log.debug({ err }, 'jobs had stopped already'));
      await pool.end();
    },
  };
}

function openPool(connectionString: string, max: number, log: Logger): Pool {
  const pool = new Pool({ connectionString, max });
  pool.on('error', (err) => log.warn({ err }, 'jobs lost an idle connection'));
  pool.on('connect', (client) => client.on('error', (err) => log.warn({ err }, 'jobs lost a connection')));
  return pool;
}
