import { join } from 'node:path';
import {
  type AgentId,
  type ConversationId,
  type CustomerId,
  type EventOf,
  newId,
  type TenantId,
  topicOf,
} from '@crossdesk/contracts';
import { anEvent, openHarness, type TestHarness, testKeys } from '@crossdesk/testkit';
import { sql, type Transaction } from 'kysely';
import { Client } from 'pg';
import type { Broker } from '../../src/broker/broker.port.ts';
import type { ConsumerSpec, Handle } from '../../src/consumer/consumer.port.ts';
import { startConsumer } from '../../src/consumer/consumer.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import type { RequestContext } from '../../src/caller/request-context.ts';
import { migrate, type ServiceSchema, serviceUrl } from '../../src/db/migrate.ts';
import { causedOutside, createOutbox, lockedAggregate, type Outbox } from '../../src/outbox/outbox.ts';
import type { Step } from './tally.ts';

export interface ProbeTables {
  effect: { tenant_id: string; event_id: string; key: string; step: number };
  stream: { tenant_id: string; id: string; version: number };
}

export type ProbeTransaction = Transaction<ProbeTables>;
export type ProbeEvent = EventOf<'crm.conversation-linked'>;
export type ProbeSpec = ConsumerSpec<ProbeTables>;

export const probeTopic = topicOf('crm.conversation-linked');
export const probeSchema: ServiceSchema = {
  service: 'probe',
  migrationsDirectory: join(import.meta.dirname, '../migrations'),
};

/** A service made only of the kit: it appends steps of streams, consumes them and records each effect. */
export interface Probe {
  readonly harness: TestHarness;
  readonly broker: Broker;
  readonly db: Database<ProbeTables>;
  readonly outbox: Outbox;
  readonly tenantId: TenantId;
  /** An admin of that tenant. */
  readonly request: Pick<RequestContext, 'caller'>;
  readonly workerUrl: string;
  /** Another client of the same database, whose work has less time; closed with the probe. */
  openHurried(transactionMsMax: number): Database<ProbeTables>;
  /** The administrator's connection, for statements that no role of the service may execute. */
  readonly admin: Client;
  /** Appends the next steps of a stream: row lock first, then the event, in the given transaction. */
  append(trx: ProbeTransaction, key: string): Promise<Step>;
  /** The same in a transaction of its own. */
  appendNext(key: string): Promise<Step>;
  eventOf(step: Step): ProbeEvent;
  consume(spec: ProbeSpec, broker?: Pick<Broker, 'subscribe'>): ReturnType<typeof startConsumer>;
  spec(name: string, before?: Handle<ProbeTables, 'crm.conversation-linked'>): ProbeSpec;
  effects(): Promise<Step[]>;
  waitingLetters(consumer: string): Promise<{ key: string; is_blocking: boolean; reason: string; attempts: number }[]>;
  /** Empties the log and the tables, so that a new group of the next test finds nothing old. */
  forgetEverything(): Promise<void>;
  close(): Promise<void>;
}

export function stepOfEvent(event: Pick<ProbeEvent, 'aggregateId' | 'aggregateVersion'>): Step {
  return { key: event.aggregateId, step: event.aggregateVersion };
}

async function writeEffect(trx: ProbeTransaction, event: ProbeEvent): Promise<void> {
  const { tenantId, id, aggregateId, aggregateVersion } = event;
  await trx
    .insertInto('effect')
    .values({ tenant_id: tenantId, event_id: id, key: aggregateId, step: aggregateVersion })
    .execute();
}

function dataOf(key: string) {
  return { conversationId: key as ConversationId, customerId: newId<CustomerId>(), order: null };
}

function openProbeDatabase({ databaseUrl, deps }: TestHarness, transactionMsMax?: number): Database<ProbeTables> {
  return openDatabase<ProbeTables>({
    appUrl: serviceUrl(databaseUrl, testKeys, 'probe', 'app'),
    workerUrl: serviceUrl(databaseUrl, testKeys, 'probe', 'worker'),
    connectionsMax: 8,
    ...(transactionMsMax === undefined ? {} : { transactionMsMax }),
    onConnectionError: (err) => deps.log.warn({ err }, 'an idle connection broke'),
  });
}

async function waitingLetters(db: Database<ProbeTables>, consumer: string) {
  const { rows } = await sql<{ key: string; is_blocking: boolean; reason: string; attempts: number }>`
    select key, is_blocking, reason, attempts from dead_letter
    where consumer = ${consumer} and replayed_at is null order by parked_seq`.execute(db.worker);
  return rows;
}

export async function openProbe(): Promise<Probe> {
  const harness = await openHarness();
  const { databaseUrl } = harness;
  await migrate(databaseUrl, testKeys, probeSchema);
  const tenantId = newId<TenantId>();
  const workerUrl = serviceUrl(databaseUrl, testKeys, 'probe', 'worker');
  const databases: Database<ProbeTables>[] = [];
  const open = (transactionMsMax?: number): Database<ProbeTables> => {
    const opened = openProbeDatabase(harness, transactionMsMax);
    databases.push(opened);
    return opened;
  };
  const db = open();
  const outbox = createOutbox('crm', harness.deps.clock);
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();

  const append = async (trx: ProbeTransaction, key: string): Promise<Step> => {
    const { rows } = await sql<{ version: number }>`
      insert into stream (tenant_id, id, version) values (${tenantId}, ${key}, 1)
      on conflict (tenant_id, id) do update set version = stream.version + 1 returning version`.execute(trx);
    const version = rows[0]?.version ?? 0;
    const aggregate = lockedAggregate({ tenantId, id: key, version });
    const origin = causedOutside({ kind: 'system', id: null });
    await outbox.append(trx, [{ aggregate, type: 'crm.conversation-linked', data: dataOf(key), origin }]);
    return { key, step: version };
  };

  return {
    harness,
    broker: harness.broker,
    db,
    outbox,
    tenantId,
    request: { caller: { kind: 'agent', tenantId, agentId: newId<AgentId>(), role: 'admin', authenticatedAtMs: 0 } },
    workerUrl,
    openHurried: open,
    admin,
    append,
    appendNext: (key) => db.asWorker((trx) => append(trx, key)),
    eventOf: ({ key, step }) =>
      anEvent('crm.conversation-linked', dataOf(key), { tenantId, aggregateId: key, aggregateVersion: step }),
    consume: (spec, broker = harness.broker) =>
      startConsumer({ broker, db, log: harness.deps.log, retry: { attemptsMax: 2, pauseMs: 1 } }, spec),
    spec: (name, before = async () => undefined) => ({
      name,
      on: {
        'crm.conversation-linked': async (trx, events) => {
          await before(trx, events);
          for (const { event } of events) await writeEffect(trx, event);
        },
      },
    }),
    effects: () =>
      db.worker
        .selectFrom('effect')
        .select(['key', 'step'])
        .orderBy(sql`id`)
        .execute(),
    waitingLetters: (consumer) => waitingLetters(db, consumer),
    forgetEverything: async () => {
      await admin.query(`
        truncate probe.effect, probe.stream, probe.outbox_event, probe.consumed_event, probe.dead_letter, probe.audit_entry, probe.audit_head, broker.record;
        update broker.partition_head set earliest_position = next_position;`);
    },
    close: async () => {
      await admin.end();
      await Promise.all(databases.map((opened) => opened.close()));
      await harness.close();
    },
  };
}
