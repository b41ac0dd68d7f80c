import type { TopicName } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { Counter, Histogram } from 'prom-client';
import type { Broker } from '../broker/broker.port.ts';
import type { ConsumerObserver } from '../consumer/consumer.ts';
import type { Database } from '../db/database.ts';
import type { RelayOptions } from '../outbox/relay.ts';
import { addReading, type Metrics } from '../runtime/metrics.ts';

export interface MeasuredService<Tables> {
  readonly db: Database<Tables>;
  readonly broker: Pick<Broker, 'lag'>;
  /** The consumers of the service with their topics. */
  consumers(): readonly { readonly name: string; readonly topics: readonly TopicName[] }[];
  /** The problems that keep the service from working. */
  problems(): Promise<readonly string[]>;
}

export interface EventMetrics {
  readonly consumer: ConsumerObserver;
  readonly onPublished: NonNullable<RelayOptions['onPublished']>;
}

/** Waiting events are counted up to this number: for a larger backlog the age is what matters. */
const waitingCountedMax = 100_000;

/** Measures outbox, consumers, dead letters and connections. Ages, counts and lag are read on request. */
export function measureService<Tables>(metrics: Metrics, service: MeasuredService<Tables>): EventMetrics {
  measureConnections(metrics, service);
  measureOutbox(metrics, service);
  measureParked(metrics, service);
  addReading(metrics, {
    name: 'crossdesk_consumer_lag_records',
    help: 'Records of a topic that a consumer has not processed yet',
    labelNames: ['consumer', 'topic'],
    read: () =>
      Promise.all(
        service.consumers().flatMap(({ name, topics }) =>
          topics.map(async (topic) => ({
            labels: { consumer: name, topic },
            value: Number(await service.broker.lag(name, [topic])),
          })),
        ),
      ),
  });
  addReading(metrics, {
    name: 'crossdesk_service_problems',
    help: 'Problems that keep the service from working; /readyz names them',
    read: async () => [{ value: (await service.problems()).length }],
  });
  return { consumer: observeConsumers(metrics), onPublished: observeRelay(metrics) };
}

/**
 * Registered before the metrics that query the database: readings start in this order, and otherwise the pool would
 * count those queries as waiting.
 */
function measureConnections<Tables>(metrics: Metrics, { db }: MeasuredService<Tables>): void {
  addReading(metrics, {
    name: 'crossdesk_database_connections',
    help: 'Connections by role and state; callers that wait for one have the state waiting',
    labelNames: ['role', 'state'],
    read: async () =>
      db.pools().flatMap(({ role, busy, idle, waiting }) => [
        { labels: { role, state: 'busy' }, value: busy },
        { labels: { role, state: 'idle' }, value: idle },
        { labels: { role, state: 'waiting' }, value: waiting },
      ]),
  });
}

function measureOutbox<Tables>(metrics: Metrics, { db }: MeasuredService<Tables>): void {
  addReading(metrics, {
    name: 'crossdesk_outbox_oldest_seconds',
    help: 'Age of the oldest event that waits for the relay',
    read: async () => {
      const { rows } = await sql<{ value: number }>`
        select coalesce(extract(epoch from now() - min(created_at)), 0)::float as value
        from outbox_event where published_at is null`.execute(db.worker);
      return rows;
    },
  });
  addReading(metrics, {
    name: 'crossdesk_outbox_waiting_events',
    help: `Events that wait for the relay, counted up to ${waitingCountedMax}`,
    read: async () => {
      const { rows } = await sql<{ value: number }>`
        select count(*)::int as value
        from (select from outbox_event where published_at is null limit ${waitingCountedMax}) waiting`.execute(
        db.worker,
      );
      return rows;
    },
  });
}

interface ParkedRow {
  readonly consumer: string;
  readonly letters: number;
  readonly unowned: number;
  readonly blocked_keys: number;
  readonly oldest_seconds: number;
}

function measureParked<Tables>(metrics: Metrics, { db, consumers }: MeasuredService<Tables>): void {
  const measured = (name: string, help: string, valueOf: (row: ParkedRow) => number) =>
    addReading(metrics, {
      name,
      help,
      labelNames: ['consumer'],
      read: async () => {
        const { rows } = await sql<ParkedRow>`
          select c.name as consumer, count(l.id)::int as letters,
            count(l.id) filter (where l.tenant_id is null)::int as unowned,
            count(distinct l.key) filter (where l.is_blocking)::int as blocked_keys,
            coalesce(extract(epoch from now() - min(l.parked_at)), 0)::float as oldest_seconds
          from unnest(${consumers().map(({ name: consumer }) => consumer)}::text[]) as c (name)
          left join dead_letter l on l.consumer = c.name and l.replayed_at is null group by c.name`.execute(db.worker);
        return rows.map((row) => ({ labels: { consumer: row.consumer }, value: valueOf(row) }));
      },
    });
  measured('crossdesk_dead_letters', 'Parked events that wait for a replay', (row) => row.letters);
  measured('crossdesk_dead_letters_unowned', 'Parked events too broken to show their workspace', (row) => row.unowned);
  measured('crossdesk_parked_keys', 'Keys whose later events wait behind a parked one', (row) => row.blocked_keys);
  measured('crossdesk_dead_letter_oldest_seconds', 'Age of the oldest parked event', (row) => row.oldest_seconds);
}

function observeConsumers({ registry }: Metrics): ConsumerObserver {
  const common = { labelNames: ['consumer'], registers: [registry] };
  const size = new Histogram({
    ...common,
    name: 'crossdesk_consumer_batch_size',
    help: 'Records per batch',
    buckets: [1, 5, 20, 100, 500],
  });
  const duration = new Histogram({
    ...common,
    name: 'crossdesk_consumer_batch_seconds',
    help: 'Time one batch takes, decode to commit',
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  const retries = new Counter({
    ...common,
    name: 'crossdesk_consumer_retries_total',
    help: 'Batches and events that failed and were tried again',
  });
  const absorbed = new Counter({
    ...common,
    name: 'crossdesk_consumer_duplicates_total',
    help: 'Repeated events that were skipped because the consumer had already consumed them',
  });
  const unreadable = new Counter({
    ...common,
    name: 'crossdesk_consumer_unreadable_total',
    help: 'Events of types that this process does not know, skipped because the consumer does not handle them',
  });
  return {
    onBatch: (batch) => {
      size.observe({ consumer: batch.consumer }, batch.size);
      duration.observe({ consumer: batch.consumer }, batch.durationMs / 1_000);
      absorbed.inc({ consumer: batch.consumer }, batch.duplicates);
      unreadable.inc({ consumer: batch.consumer }, batch.unreadable);
    },
    onRetry: (consumer) => retries.inc({ consumer }),
  };
}

function observeRelay({ registry }: Metrics): EventMetrics['onPublished'] {
  const registers = [registry];
  const published = new Counter({
    name: 'crossdesk_outbox_published_total',
    help: 'Events the relay published',
    registers,
  });
  const size = new Histogram({
    name: 'crossdesk_relay_batch_size',
    help: 'Events the relay publishes at a time',
    buckets: [1, 5, 20, 100, 500],
    registers,
  });
  const duration = new Histogram({
    name: 'crossdesk_relay_batch_seconds',
    help: 'Time the relay takes to read, publish and mark a batch',
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  return (batch) => {
    published.inc(batch.size);
    size.observe(batch.size);
    duration.observe(batch.durationMs / 1_000);
  };
}
