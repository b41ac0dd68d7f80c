import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics every service keeps, served at /metrics in the Prometheus text format. */
export function createMetrics(service: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    published: new Counter({ name: 'crossdesk_outbox_published_total', help: 'Events the relay published', registers }),
    outboxAge: new Gauge({
      name: 'crossdesk_outbox_oldest_seconds',
      help: 'Age of the oldest event that waits for the relay',
      registers,
    }),
    waitingLetters: new Gauge({ name: 'crossdesk_dead_letters', help: 'Parked events', registers }),
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
