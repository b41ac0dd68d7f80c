import { continueIdsAfter, isUuid, type TenantId, type TopicName } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { createAudit } from '../audit/audit.ts';
import type { Broker, Running } from '../broker/broker.port.ts';
import { forgetClientRequests } from '../command/client-request.store.ts';
import { type Commands, createCommands } from '../command/commands.ts';
import { startConsumer } from '../consumer/consumer.ts';
import { consumedTopics, type ConsumerSpec } from '../consumer/consumer.port.ts';
import { replayKey, type ReplayResult } from '../consumer/dead-letters.ts';
import { type Database, openDatabase } from '../db/database.ts';
import type { KitRow } from '../db/kit-tables.ts';
import { prepareSchema, type ServiceSchema, serviceUrl } from '../db/migrate.ts';
import type { RequestContext } from '../http/request-context.ts';
import { signedIn } from '../http/graphql.ts';
import { createOutbox, type Outbox } from '../outbox/outbox.ts';
import { startRelay } from '../outbox/relay.ts';
import type { Clock } from './clock.ts';
import { type JobsOptions, prepareJobs, startJobs } from './jobs.ts';
import type { Logger } from './log.ts';
import { measureService } from './event-metrics.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type Stoppable, stopInOrder } from './shutdown.ts';

export interface ServiceDeps {
  /** Address of the Postgres server and database, with rights to create roles and schemas. */
  readonly databaseUrl: string;
  readonly master: Buffer;
  readonly broker: Broker;
  readonly log: Logger;
  readonly clock: Clock;
  /** How many months of the event history are kept beside the current one; null = all: projections are rebuilt from it. */
  readonly outboxKeptMonths: number | null;
}

/** What every service stands on: database, outbox, consumers, rare jobs, readiness and an ordered stop. */
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
  /** Declares rare work; daily housekeeping is always there. */
  addJob(job: JobsOptions['jobs'][number]): void;
  /** Declares a part that starts with the service and is stopped before the relay. */
  addPart(start: () => Stoppable | Promise<Stoppable>): void;
  /** Processes the parked events of a key again, at the wish of a person; null when there is no such consumer. */
  replay(request: Pick<RequestContext, 'caller'>, consumer: string, key: string): Promise<ReplayResult | null>;
  /** What keeps the service from working, by name; empty = ready. */
  problems(): string[];
  stop(deadlineMs: number): Promise<void>;
}

interface ConsumerEntry {
  readonly topics: readonly TopicName[];
  start(): Promise<Running>;
  replay(tenantId: TenantId, key: string): Promise<ReplayResult>;
}

const consumedKeptDays = 60;
/** By then their rows are gone: two whole months are more than sixty days after the last id was made. */
const consumedKeptMonths = 3;
const connectionsMax = 8;

export async function openService<Tables>(deps: ServiceDeps, schema: ServiceSchema): Promise<ServiceRuntime<Tables>> {
  const name = schema.service;
  const log = deps.log.child({ service: name });
  await prepareSchema(deps.databaseUrl, deps.master, schema);
  const workerUrl = serviceUrl(deps.databaseUrl, deps.master, name, 'worker');
  await prepareJobs({ service: name, workerUrl, log });
  const db = openDatabase<Tables>({
    appUrl: serviceUrl(deps.databaseUrl, deps.master, name, 'app'),
    workerUrl,
    connectionsMax,
    onConnectionError: (err) => log.warn({ err }, 'an idle database connection broke'),
  });
  await continueIds(db);
  const outbox = createOutbox(name, deps.clock);
  const audit = createAudit(name, deps.master);
  const metrics = createMetrics(name);
  const consumers = new Map<string, ConsumerEntry>();
  const jobs: JobsOptions['jobs'][number][] = [];
  const partStarters: (() => Stoppable | Promise<Stoppable>)[] = [];
  const running = new Map<string, Running>();
  const parts: Stoppable[] = [];
  let relay: ReturnType<typeof startRelay> | null = null;

  function problems(): string[] {
    const stuck = [...running].flatMap(([consumer, { problem }]) =>
      problem() === null ? [] : [`${consumer}: ${problem()}`],
    );
    const relayProblem = relay?.problem() ?? null;
    return relayProblem === null ? stuck : [...stuck, relayProblem];
  }

  const measured = measureService(metrics, {
    db,
    broker: deps.broker,
    consumers: () => [...consumers].map(([consumer, { topics }]) => ({ name: consumer, topics })),
    problems,
  });
  jobs.push({ name: 'housekeeping', cron: '17 3 * * *', run: () => keepHouse(db, deps.outboxKeptMonths, log) });

  return {
    ...deps,
    name,
    log,
    db,
    outbox,
    commands: createCommands(db, outbox, audit),
    metrics,
    consume: (spec) => {
      const consumerDeps = { broker: deps.broker, db, outbox, log, observer: measured.consumer };
      consumers.set(spec.name, {
        topics: consumedTopics(spec),
        start: () => startConsumer(consumerDeps, spec),
        replay: async (tenantId, key) => {
          const result = await replayKey(db, spec, tenantId, key);
          outbox.nudge();
          return result;
        },
      });
    },
    addJob: (job) => jobs.push(job),
    addPart: (start) => partStarters.push(start),
    async start() {
      relay = startRelay({
        service: name,
        workerUrl,
        broker: deps.broker,
        outbox,
        log,
        onPublished: measured.onPublished,
      });
      for (const [consumer, entry] of consumers) running.set(consumer, await entry.start());
      for (const start of partStarters) parts.push(await start());
      parts.push(await startJobs({ service: name, workerUrl, log, jobs }));
    },
    async replay(request, consumer, key) {
      const entry = consumers.get(consumer);
      if (entry === undefined) return null;
      const actor = signedIn(request);
      // Each event has a transaction of its own: the entry says that they were asked for, before the first of them.
      const deed = { actor, action: `replay${capitalised(name)}DeadLetters`, targetId: isUuid(key) ? key : null };
      await db.forTenant(actor.tenantId, async (trx) => audit.note(trx, deed));
      return entry.replay(actor.tenantId, key);
    },
    problems,
    async stop(deadlineMs) {
      const order: Stoppable[] = [
        ...[...running].map(([consumer, { stop }]) => ({ name: consumer, stop })),
        ...parts,
        ...(relay === null ? [] : [relay]),
        { name: 'database', stop: db.close },
      ];
      await stopInOrder(order, deadlineMs, log);
    },
  };
}

function capitalised(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

/** New ids come behind those of the process before, also when the clock is behind its clock. */
async function continueIds<Tables>(db: Database<Tables>): Promise<void> {
  const { rows } = await sql<Pick<KitRow<'outbox_event'>, 'event_id'>>`
    select event_id from outbox_event order by event_id desc limit 1`.execute(db.worker);
  for (const { event_id: last } of rows) continueIdsAfter(last);
}

/** Makes the partitions to come, forgets events that cannot come again, and drops the history that is not kept. */
async function keepHouse<Tables>(db: Database<Tables>, outboxKeptMonths: number | null, log: Logger): Promise<void> {
  await sql`select ensure_month_partitions()`.execute(db.worker);
  await sql`delete from consumed_event where consumed_at < now() - ${consumedKeptDays} * interval '1 day'`.execute(
    db.worker,
  );
  await db.asWorker(forgetClientRequests);
  const kept = {
    consumed_event: consumedKeptMonths,
    ...(outboxKeptMonths === null ? {} : { outbox_event: outboxKeptMonths }),
  };
  for (const [parent, months] of Object.entries(kept)) {
    const { rows } = await sql<{ name: string }>`select drop_old_partitions(${parent}, ${months}) as name`.execute(
      db.worker,
    );
    if (rows.length > 0) log.info({ partitions: rows.map(({ name }) => name) }, 'old partitions dropped');
  }
}
