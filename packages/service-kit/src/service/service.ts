import { continueIdsAfter } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { createAudit } from '../audit/audit.ts';
import type { Broker } from '../broker/broker.port.ts';
import { type Commands, createCommands } from '../command/commands.ts';
import type { ConsumerSpec } from '../consumer/consumer.port.ts';
import type { ReplayResult } from '../consumer/dead-letters.ts';
import { type Database, openDatabase } from '../db/database.ts';
import type { KitRow } from '../db/kit-tables.ts';
import { prepareSchema, type ServiceSchema, serviceUrl } from '../db/migrate.ts';
import type { RequestContext } from '../caller/request-context.ts';
import type { Subgraph } from '../http/subgraph.ts';
import { createOutbox, type Outbox } from '../outbox/outbox.ts';
import { startRelay } from '../outbox/relay.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Keys } from '../runtime/keys.ts';
import { type JobsOptions, prepareJobs, startJobs } from '../runtime/jobs.ts';
import type { Logger } from '../runtime/log.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { type Stoppable, stopInOrder } from '../runtime/shutdown.ts';
import { type Consumers, createConsumers } from './consumers.ts';
import { measureService } from './event-metrics.ts';
import { keepHouse } from './housekeeping.ts';

export interface ServiceDeps {
  /** Address of the Postgres server and database, with rights to create roles and schemas. */
  readonly databaseUrl: string;
  readonly keys: Keys;
  readonly broker: Broker;
  readonly log: Logger;
  readonly clock: Clock;
  /** How many months of the event history are kept beside the current one; null = all: projections are rebuilt from it. */
  readonly outboxKeptMonths: number | null;
}

/** The base of every service: database, outbox, consumers, rare jobs, readiness and an ordered stop. */
export interface ServiceRuntime<Tables> extends ServiceDeps {
  readonly name: string;
  readonly db: Database<Tables>;
  readonly outbox: Outbox;
  readonly commands: Commands<Tables>;
  readonly metrics: Metrics;
  /** Starts relay, consumers and jobs: from here on the service works by itself. */
  start(): Promise<void>;
  /** Declares a consumer; it runs from `start` on. */
  consume(spec: ConsumerSpec<Tables>): void;
  /** Declares a rare job; daily housekeeping always exists. */
  addJob(job: JobsOptions['jobs'][number]): void;
  /** Declares a part that starts with the service and is stopped before the relay. */
  addPart(start: () => Stoppable | Promise<Stoppable>): void;
  /** Processes the parked events of a key again, at the request of a person; null when there is no such consumer. */
  replay(request: Pick<RequestContext, 'caller'>, consumer: string, key: string): Promise<ReplayResult | null>;
  /** The problems that keep the service from working; empty = ready. */
  problems(): Promise<string[]>;
  stop(deadlineMs: number): Promise<void>;
}

export interface ServiceSpec extends ServiceSchema {
  /** The mutations that callers may do whose custom role limits them to a part of the workspace. */
  readonly openToLimited: readonly string[];
}

/** A service that is open: its database is ready; its consumers and jobs run from `start` on. */
export interface OpenedService<Tables> {
  readonly runtime: ServiceRuntime<Tables>;
  readonly subgraph: Subgraph;
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const connectionsMax = 8;

export async function openService<Tables>(deps: ServiceDeps, schema: ServiceSpec): Promise<ServiceRuntime<Tables>> {
  const name = schema.service;
  const { broker } = deps;
  const log = deps.log.child({ service: name });
  await prepareSchema(deps.databaseUrl, deps.keys, schema);
  const workerUrl = serviceUrl(deps.databaseUrl, deps.keys, name, 'worker');
  await prepareJobs({ service: name, workerUrl, log });
  const db = openDatabase<Tables>({
    appUrl: serviceUrl(deps.databaseUrl, deps.keys, name, 'app'),
    workerUrl,
    connectionsMax,
    onConnectionError: (err) => log.warn({ err }, 'an idle database connection broke'),
  });
  await continueIds(db);
  const outbox = createOutbox(name, deps.clock);
  const audit = createAudit(name, deps.keys);
  const metrics = createMetrics(name);
  const jobs: JobsOptions['jobs'][number][] = [];
  const partStarters: (() => Stoppable | Promise<Stoppable>)[] = [];
  const parts: Stoppable[] = [];
  let relay: ReturnType<typeof startRelay> | null = null;

  const problems = async (): Promise<string[]> => {
    const found = [await db.problem(), relay?.problem() ?? null].filter((problem) => problem !== null);
    return [...found, ...consumers.problems()];
  };
  const measured = measureService(metrics, { db, broker, consumers: () => consumers.list(), problems });
  const consumers: Consumers<Tables> = createConsumers({ broker, db, log, observer: measured.consumer }, audit);
  jobs.push({ name: 'housekeeping', cron: '17 3 * * *', run: () => keepHouse(db, deps.outboxKeptMonths, log) });

  return {
    ...deps,
    name,
    log,
    db,
    outbox,
    commands: createCommands(db, audit, schema.openToLimited),
    metrics,
    consume: consumers.declare,
    addJob: (job) => jobs.push(job),
    addPart: (start) => partStarters.push(start),
    async start() {
      relay = startRelay({ service: name, workerUrl, broker, outbox, log, onPublished: measured.onPublished });
      await consumers.start();
      for (const start of partStarters) parts.push(await start());
      parts.push(await startJobs({ service: name, workerUrl, log, jobs }));
    },
    replay: consumers.replay,
    problems,
    stop: (deadlineMs) => {
      const before = [...consumers.running(), ...parts, ...(relay === null ? [] : [relay])];
      return stopInOrder([...before, { name: 'database', stop: db.close }], deadlineMs, log);
    },
  };
}

/** New ids are greater than those of the process before, even if our clock is behind its clock. */
async function continueIds<Tables>(db: Database<Tables>): Promise<void> {
  const { rows } = await sql<Pick<KitRow<'outbox_event'>, 'event_id'>>`
    select event_id from outbox_event order by event_id desc limit 1`.execute(db.worker);
  for (const { event_id: last } of rows) continueIdsAfter(last);
}
