import { sql } from 'kysely';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../db/database.ts';

/** What every process measures of itself, served at /metrics in the Prometheus text format. */
export interface Metrics {
  readonly registry: Registry;
}

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return { registry };
}

/** What is measured of outbox, consumers and dead letters. Ages and counts are read when somebody asks for the metrics. */
export function measureEvents<Tables>({ registry }: Metrics, db: Database<Tables>) {
  const registers = [registry];
  new Gauge({
    name: 'crossdesk_outbox_oldest_seconds',
    help: 'Age of the oldest event that waits for the relay',
    registers,
    async collect() {
      const { rows } = await sql<{ age: number }>`
        select coalesce(extract(epoch from now() - min(created_at)), 0)::float as age from outbox_event where published_at is null`.execute(
        db.worker,
      );
      this.set(rows[0]?.age ?? 0);
    },
  });
  new Gauge({
    name: 'crossdesk_dead_letters',
    help: 'Parked events that wait for a replay',
    labelNames: ['consumer'],
    registers,
    async collect() {
      this.reset();
      const { rows } = await sql<{ consumer: string; n: number }>`
        select consumer, count(*)::int as n from dead_letter where replayed_at is null group by consumer`.execute(
        db.worker,
      );
      for (const { consumer, n } of rows) this.set({ consumer }, n);
    },
  });
  return {
    published: new Counter({ name: 'crossdesk_outbox_published_total', help: 'Events the relay published', registers }),
    batchSize: new Histogram({
      name: 'crossdesk_consumer_batch_size',
      help: 'Records per batch',
      labelNames: ['consumer'],
      buckets: [1, 5, 20, 100, 500],
      registers,
    }),
    batchDuration: new Histogram({
      name: 'crossdesk_consumer_batch_seconds',
      help: 'Time one batch takes, decode to commit',
      labelNames: ['consumer'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
  };
}
