import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId, topicOf } from '@crossdesk/contracts';
import { eventually, type Figures, readFigures } from '@crossdesk/testkit';
import type { FastifyInstance } from 'fastify';
import { createHealth } from '../src/http/health.ts';
import { createMetrics, declareCounter, measureProcess } from '../src/runtime/metrics.ts';
import { openService, type ServiceRuntime } from '../src/service/service.ts';
import { openProbe, type Probe, probeSchema, type ProbeTables } from './support/probe.ts';

let probe: Probe;
let service: ServiceRuntime<ProbeTables>;
let http: FastifyInstance;
/** Keys whose events every handler refuses. */
const broken = new Set<string>();
const consumer = 'probe.measured';
const topic = topicOf('crm.conversation-linked');

beforeAll(async () => {
  probe = await openProbe();
  service = await openService<ProbeTables>(probe.harness.deps, { ...probeSchema, openToLimited: [] });
  service.consume(
    probe.spec(consumer, async (_trx, events) => {
      if (events.some(({ event }) => broken.has(event.aggregateId))) throw new Error('broken');
    }),
  );
  const process = createMetrics('process');
  measureProcess(process);
  http = createHealth({
    service: 'probe',
    log: probe.harness.deps.log,
    metrics: [process, service.metrics],
    problems: () => service.problems(),
  });
});

beforeEach(() => probe.forgetEverything());

afterAll(async () => {
  await service.stop(5_000);
  await http.close();
  await probe.close();
});

async function figures(): Promise<Figures> {
  const answer = await http.inject({ url: '/metrics' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toContain('text/plain');
  return readFigures(answer.body);
}

test('a counter declared beside what it counts is 0 before the first event, in its own service only', async () => {
  const tagged = declareCounter('crm', { name: 'crossdesk_tagged_total', help: 'Tagged customers' });
  const [crm, other] = [createMetrics('crm'), createMetrics('analytics')];
  expect(await crm.registry.metrics()).toContain('crossdesk_tagged_total{service="crm"} 0');
  expect(other.registry.getSingleMetric('crossdesk_tagged_total')).toBeUndefined();
  tagged(crm).inc();
  expect(await crm.registry.metrics()).toContain('crossdesk_tagged_total{service="crm"} 1');
});

test('waiting events are shown before anything runs, and no longer once relay and consumer are done', async () => {
  for (let n = 0; n < 3; n += 1) await probe.appendNext(newId());
  const before = await figures();
  expect(before.value('crossdesk_outbox_waiting_events')).toBe(3);
  expect(before.value('crossdesk_outbox_oldest_seconds')).toBeGreaterThan(0);
  expect(before.value('crossdesk_outbox_published_total')).toBe(0);

  await probe.harness.publish(probe.eventOf({ key: newId(), step: 1 }));
  expect((await figures()).value('crossdesk_consumer_lag_records', { consumer, topic })).toBe(1);

  await service.start();
  await eventually(async () => {
    const after = await figures();
    expect(after.value('crossdesk_outbox_waiting_events')).toBe(0);
    expect(after.value('crossdesk_outbox_oldest_seconds')).toBe(0);
    expect(after.value('crossdesk_outbox_published_total')).toBe(3);
    expect(after.value('crossdesk_relay_batch_size_sum')).toBe(3);
    expect(after.value('crossdesk_relay_batch_seconds_count')).toBeGreaterThan(0);
    expect(after.value('crossdesk_consumer_lag_records', { consumer, topic })).toBe(0);
    expect(after.value('crossdesk_consumer_batch_size_sum', { consumer })).toBe(4);
    expect(after.value('crossdesk_service_problems', { service: 'probe' })).toBe(0);
  });
});

test('an event that comes again counts as absorbed, once', async () => {
  const event = probe.eventOf({ key: newId(), step: 1 });
  const before = (await figures()).value('crossdesk_consumer_duplicates_total', { consumer }) ?? 0;
  await probe.harness.publish(event, event);
  await eventually(async () => {
    expect(await probe.effects()).toHaveLength(1);
    expect((await figures()).value('crossdesk_consumer_duplicates_total', { consumer })).toBe(before + 1);
  });
});

test('a broken event shows as retries, then as a letter and a blocked key; later ones of the key as letters', async () => {
  const key = newId();
  broken.add(key);
  const before = await figures();
  await probe.harness.publish(probe.eventOf({ key, step: 1 }), probe.eventOf({ key, step: 2 }));
  await eventually(async () => {
    const after = await figures();
    expect(after.value('crossdesk_dead_letters', { consumer })).toBe(2);
    expect(after.value('crossdesk_parked_keys', { consumer })).toBe(1);
    expect(after.value('crossdesk_dead_letter_oldest_seconds', { consumer })).toBeGreaterThan(0);
    // The batch, and five of the six attempts.
    expect(after.value('crossdesk_consumer_retries_total', { consumer })).toBe(
      (before.value('crossdesk_consumer_retries_total', { consumer }) ?? 0) + 6,
    );
  });
  broken.clear();
  await service.replay(probe.request, consumer, key);
  expect((await figures()).value('crossdesk_dead_letters', { consumer })).toBe(0);
}, 40_000);

test('a connection in use is shown, and so is a caller that waits for one', async () => {
  const release = Promise.withResolvers<void>();
  const held = Array.from({ length: 10 }, () => service.db.forTenant(probe.tenantId, () => release.promise));
  await eventually(async () => {
    const now = await figures();
    expect(now.value('crossdesk_database_connections', { role: 'app', state: 'busy' })).toBe(8);
    expect(now.value('crossdesk_database_connections', { role: 'app', state: 'waiting' })).toBe(2);
  });
  release.resolve();
  await Promise.all(held);
});

test('reading the metrics does not count as a caller that waits for a connection', async () => {
  await eventually(async () => {
    const now = await figures();
    expect(now.value('crossdesk_database_connections', { role: 'worker', state: 'waiting' })).toBe(0);
  });
});

test('process and service are shown at one address, each figure with its service', async () => {
  const now = await figures();
  expect(now.value('nodejs_eventloop_lag_p99_seconds', { service: 'process' })).not.toBeNull();
  expect(now.value('process_start_time_seconds', { service: 'process' })).not.toBeNull();
  expect(now.value('process_cpu_seconds_total', { service: 'probe' })).toBeNull();
  expect(now.value('crossdesk_consumer_batch_size_count', { service: 'probe' })).toBeGreaterThan(0);
});

test('figures of the process are shown while the database is down', async () => {
  await service.db.close();
  const now = await figures();
  expect(now.value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(now.value('crossdesk_outbox_oldest_seconds')).toBeNull();
});
