import { Logger as JobsLogger, parseCronItems, run, type TaskList } from 'graphile-worker';
import { Pool } from 'pg';
import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';

export interface JobsOptions {
  readonly service: string;
  readonly workerUrl: string;
  readonly log: Logger;
  /** Rare work by name, with the cron pattern (UTC) it is due at. */
  readonly jobs: readonly { readonly name: string; readonly cron: string; run(): Promise<void> }[];
}

const severities = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const;

/** Runs rare work on time, once for all processes of a service (graphile-worker, in the schema `<service>_jobs`). */
export async function startJobs({ service, workerUrl, log, jobs }: JobsOptions): Promise<Stoppable> {
  const pool = new Pool({ connectionString: workerUrl, max: 2 });
  pool.on('error', (err) => log.warn({ err }, 'jobs lost an idle connection'));
  pool.on('connect', (client) => client.on('error', (err) => log.warn({ err }, 'jobs lost a connection')));
  const taskList: TaskList = Object.fromEntries(jobs.map((job) => [job.name, () => job.run()]));
  const runner = await run({
    pgPool: pool,
    schema: `${service}_jobs`,
    taskList,
    parsedCronItems: parseCronItems(jobs.map((job) => ({ task: job.name, match: job.cron, identifier: job.name }))),
    concurrency: 1,
    pollInterval: 30_000,
    noHandleSignals: true,
    logger: new JobsLogger(() => (level, message) => log[severities[level]]({ part: 'jobs' }, message)),
  });
  return {
    name: `${service} jobs`,
    stop: async () => {
      await runner.stop();
      await pool.end();
    },
  };
}
