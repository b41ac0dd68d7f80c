import {
  type AnyEvent,
  type EventData,
  type EventOf,
  type EventType,
  newId,
  type TenantId,
  topicOf,
  versionOf,
  checkEvent,
} from '@crossdesk/contracts';
import {
  type Broker,
  createLog,
  type Clock,
  openEmbeddedBroker,
  type ServiceDeps,
  serviceUrl,
  systemClock,
} from '@crossdesk/service-kit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, watchEvents } from './event-log.ts';
import { cloneDatabase, testKeys } from './postgres.ts';

export interface TestHarness {
  /** The dependencies a service is opened with: its own database, a real embedded log on it, a quiet logger. */
  readonly deps: ServiceDeps;
  readonly broker: Broker;
  readonly events: EventLog;
  readonly databaseUrl: string;
  /** An empty folder, for the files of messages. */
  readonly mediaDirectory: string;
  /** Publishes events to the log as if their owner had published them, and returns them. */
  publish(...events: AnyEvent[]): Promise<void>;
  /** Closes log and database; call it after the services are stopped. */
  close(): Promise<void>;
}

export async function openHarness(options: { clock?: Clock } = {}): Promise<TestHarness> {
  const database = await cloneDatabase();
  const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const broker = openTestBroker(database.url);
  const events = await watchEvents(broker);
  const mediaDirectory = await mkdtemp(join(tmpdir(), 'crossdesk-media-'));
  return {
    deps: {
      databaseUrl: database.url,
      keys: testKeys,
      broker,
      log,
      clock: options.clock ?? systemClock,
      outboxKeptMonths: null,
    },
    broker,
    events,
    databaseUrl: database.url,
    mediaDirectory,
    publish: (...published) =>
      broker.publish(
        published.map((event) => ({
          topic: topicOf(event.type),
          key: event.aggregateId,
          value: JSON.stringify(event),
          headers: {},
        })),
      ),
    close: async () => {
      await events.stop();
      await broker.close();
      await database.drop();
      await rm(mediaDirectory, { recursive: true, force: true });
    },
  };
}

/** An embedded log on a cloned database. Short pauses, so that tests need not wait for polls. */
export function openTestBroker(databaseUrl: string): Broker {
  return openEmbeddedBroker({
    databaseUrl: serviceUrl(databaseUrl, testKeys, 'broker', 'worker'),
    log: createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
    leaseMs: 2_000,
    pollMs: 20,
  });
}

export interface EventOverrides {
  readonly id?: string;
  readonly tenantId: TenantId;
  readonly aggregateId: string;
  readonly aggregateVersion?: number;
  readonly occurredAt?: Date;
  readonly causationDepth?: number;
}

/** A valid event around the given data. */
export function anEvent<T extends EventType>(type: T, data: EventData<T>, overrides: EventOverrides): EventOf<T> {
  const now = new Date().toISOString();
  const occurredAt = overrides.occurredAt?.toISOString() ?? now;
  return checkEvent({
    id: overrides.id ?? newId(),
    type,
    version: versionOf(type),
    source: type.split('.')[0],
    tenantId: overrides.tenantId,
    aggregateId: overrides.aggregateId,
    aggregateVersion: overrides.aggregateVersion ?? 1,
    occurredAt,
    receivedAt: now,
    recordedAt: now,
    actor: { kind: 'system', id: null },
    correlationId: newId(),
    causationId: null,
    causationDepth: overrides.causationDepth ?? 0,
    data,
  }) as EventOf<T>;
}
