import {
  type AnyEvent,
  decodeEvent,
  type EventData,
  type EventOf,
  type EventType,
  newId,
  type TenantId,
  type TopicName,
  topicNames,
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
import { cloneDatabase, testMaster } from './postgres.ts';

const deadlineMs = 20_000;

export interface TestHarness {
  /** What a service is opened with: a database of its own, a real embedded log on it, a quiet log. */
  readonly deps: ServiceDeps;
  readonly broker: Broker;
  readonly events: EventLog;
  readonly databaseUrl: string;
  /** Puts events on the log as if their owner had published them, and returns them. */
  publish(...events: AnyEvent[]): Promise<void>;
  /** Closes log and database; call it after the services are stopped. */
  close(): Promise<void>;
}

export async function openHarness(options: { clock?: Clock } = {}): Promise<TestHarness> {
  const database = await cloneDatabase();
  const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  const broker = openTestBroker(database.url);
  const events = await watchEvents(broker);
  return {
    deps: {
      databaseUrl: database.url,
      master: testMaster,
      broker,
      log,
      clock: options.clock ?? systemClock,
      outboxKeptMonths: null,
    },
    broker,
    events,
    databaseUrl: database.url,
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
    },
  };
}

/** An embedded log on a cloned database. Short pauses, so that tests need not wait for polls. */
export function openTestBroker(databaseUrl: string): Broker {
  return openEmbeddedBroker({
    databaseUrl: serviceUrl(databaseUrl, testMaster, 'broker', 'worker'),
    log: createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
    leaseMs: 2_000,
    pollMs: 20,
    lingerMs: 0,
  });
}

export interface EventLog {
  readonly all: readonly AnyEvent[];
  of<T extends EventType>(type: T): EventOf<T>[];
  /** The first event of the type that matches, past or future. Rejects with what it saw when none comes in time. */
  next<T extends EventType>(type: T, matches?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>;
  /** Waits until `count` events of the type that match are there. */
  count<T extends EventType>(type: T, count: number, matches?: (event: EventOf<T>) => boolean): Promise<EventOf<T>[]>;
  stop(): Promise<void>;
}

/** Collects everything that is published from now on. */
export async function watchEvents(broker: Broker, topics: readonly TopicName[] = topicNames): Promise<EventLog> {
  const all: AnyEvent[] = [];
  const listeners = new Set<() => void>();
  const running = await broker.tail({ topics, from: {}, batchSizeMax: 1_000 }, async (batch) => {
    for (const record of batch.records) {
      try {
        all.push(decodeEvent(record.value));
      } catch {
        // Tests publish broken records on purpose; they are no events.
      }
    }
    for (const listener of listeners) listener();
  });

  function isOf<T extends EventType>(type: T) {
    return (event: AnyEvent): event is AnyEvent & EventOf<T> => event.type === type;
  }

  function count<T extends EventType>(type: T, wanted: number, matches: (event: EventOf<T>) => boolean = () => true) {
    return new Promise<EventOf<T>[]>((resolve, reject) => {
      const found = () => all.filter(isOf(type)).filter((event) => matches(event));
      const timer = setTimeout(() => {
        listeners.delete(look);
        const seen = all
          .map((event) => event.type)
          .slice(-20)
          .join(', ');
        reject(new Error(`${found().length} of ${wanted} ${type} within ${deadlineMs} ms; latest events: ${seen}`));
      }, deadlineMs);
      function look(): void {
        if (found().length < wanted) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve(found());
      }
      listeners.add(look);
      look();
    });
  }

  return {
    all,
    of: (type) => all.filter(isOf(type)),
    count,
    next: async (type, matches) => {
      const [first] = await count(type, 1, matches);
      if (first === undefined) throw new Error('unreachable: count resolved empty');
      return first;
    },
    stop: running.stop,
  };
}

/** Looks again and again until the check stops throwing, for what announces itself by no event. */
export async function eventually<Result>(check: () => Promise<Result>, withinMs = deadlineMs): Promise<Result> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
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
