import { Client } from 'pg';
import type { Broker, OutgoingRecord } from '../broker/broker.port.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import type { Stoppable } from '../runtime/shutdown.ts';
import { tracedEach } from '../runtime/spans.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { Outbox } from './outbox.ts';
import { listenForEvents, lockRelay, type PendingEvent, takePending, tellRelay } from './relay.store.ts';

export interface RelayOptions {
  readonly service: string;
  /** The worker role's address: the relay keeps one connection of its own, which holds its lock. */
  readonly workerUrl: string;
  readonly broker: Pick<Broker, 'publish'>;
  readonly outbox: Pick<Outbox, 'onCommitted'>;
  readonly log: Logger;
  readonly onPublished?: (batch: { readonly size: number; readonly durationMs: number }) => void;
}

export interface Relay extends Stoppable {
  /** Why nothing is published, for readiness; null while it works (also while another process is the relay). */
  problem(): string | null;
}

const batchSizeMax = 500;
/** Kafka takes 1 MB of one partition in a request, and all events of a batch may be in one partition. */
const batchBytesMax = 768 * 1024;
/** A safety net: commits wake the relay, in this process and in others. */
const pollMs = 2_000;
/** The longest time without a relay after the process that was the relay has died. */
const lockPollMs = 1_000;
const backOffMsMax = 5_000;
/**
 * A host that vanishes closes no connection: its session would keep the lock until the operating system of the database
 * gives up, after two hours, and nobody would publish. With these settings Postgres ends it after 11 s [measured, with
 * packets dropped].
 */
const lockEndsWithHost =
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000';

/** With the headers an integrator can choose and route by, without reading the JSON. */
function toRecord({ topic, key, envelope, traceparent, ...event }: PendingEvent): OutgoingRecord {
  const headers = {
    'event-id': event.event_id,
    'event-type': event.event_type,
    'event-version': event.event_version,
    'tenant-id': event.tenant_id,
    ...(traceparent === null ? {} : { traceparent }),
  };
  return { topic, key, value: envelope, headers };
}

/**
 * Publishes pending events, lowest seq first and one batch in flight: consumers rely on this for the order of a key
 * (ADR 0001). What commits meanwhile is the next batch: a single event never waits for others. An advisory lock allows
 * only one process to publish; a crash at any point repeats the batch, and consumers ignore repeats.
 */
export function startRelay(options: RelayOptions): Relay {
  const { service, outbox, log } = options;
  const wakeUp = createWakeUp();
  // Separate, so that new events do not cut a back-off short.
  const backOff = createWakeUp();
  outbox.onCommitted(wakeUp.wake);
  let isStopping = false;
  let failures = 0;
  let trouble: string | null = null;

  /** Until it is time to ask for the lock again: tells the relay what this process has committed. */
  async function standBy(client: Client): Promise<void> {
    const until = performance.now() + lockPollMs;
    for (let leftMs = lockPollMs; leftMs > 0 && !isStopping; leftMs = until - performance.now()) {
      await wakeUp.sleep(leftMs);
      if (performance.now() < until) await tellRelay(client, service);
    }
  }

  async function relayUntilTrouble(client: Client): Promise<void> {
    const isWell = (): void => {
      failures = 0;
      trouble = null;
    };
    while (!isStopping && !(await lockRelay(client, service))) {
      isWell();
      // Another process is the relay.
      await standBy(client);
    }
    await listenForEvents(client, service, wakeUp.wake);
    let published: readonly PendingEvent[] = [];
    while (!isStopping || published.length > 0) {
      const events = await takePending(client, published, isStopping ? 0 : batchSizeMax, batchBytesMax);
      published = events;
      if (events.length > 0) await publish(options, events);
      isWell();
      if (events.length === 0 && !isStopping) await wakeUp.sleep(pollMs);
    }
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const client = clientFor(options);
      try {
        await client.connect();
        await relayUntilTrouble(client);
      } catch (err) {
        failures += 1;
        trouble = 'relay cannot publish';
        log.warn({ err, failures }, 'relay backs off; events stay in the outbox');
        await backOff.sleep(Math.min(backOffMsMax, 100 * 2 ** failures) * (0.5 + Math.random() / 2));
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  const running = run();
  return {
    name: `${service} relay`,
    problem: () => trouble,
    stop: async () => {
      isStopping = true;
      wakeUp.wake();
      backOff.wake();
      await running;
    },
  };
}

async function publish({ service, broker, onPublished }: RelayOptions, events: readonly PendingEvent[]): Promise<void> {
  const startedAt = performance.now();
  crashPoint('outbox-read', service);
  await tracedEach({ name: `${service} publish`, kind: 'producer' }, events, (own) =>
    broker.publish(own.map(toRecord)),
  );
  crashPoint('events-published', service);
  onPublished?.({ size: events.length, durationMs: performance.now() - startedAt });
}

function clientFor({ workerUrl, log }: RelayOptions): Client {
  const client = new Client({
    connectionString: workerUrl,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    // Pending rows come in order from their index. Otherwise the planner expects few rows and sorts all of them for
    // every batch: with 4,000 waiting, a batch takes 4.5 ms instead of 0.3.
    options: `-c enable_sort=off ${lockEndsWithHost}`,
  });
  // Without a listener a broken connection would end the process; the running query rejects anyway.
  client.on('error', (err) => log.warn({ err }, 'relay lost its connection'));
  return client;
}
