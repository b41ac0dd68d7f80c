import { Client } from 'pg';
import type { Broker, OutgoingRecord } from '../broker/broker.port.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import type { Stoppable } from '../runtime/shutdown.ts';
import { tracedEach } from '../runtime/spans.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { Outbox } from './outbox.ts';
import { lockRelay, markPublished, type PendingEvent, pendingEvents } from './relay.store.ts';

export interface RelayOptions {
  readonly service: string;
  /** The worker role's address: the relay keeps one connection of its own, which holds its lock. */
  readonly workerUrl: string;
  readonly broker: Pick<Broker, 'publish'>;
  readonly outbox: Pick<Outbox, 'onNudge'>;
  readonly log: Logger;
  readonly onPublished?: (batch: { readonly size: number; readonly durationMs: number }) => void;
}

export interface Relay extends Stoppable {
  /** Why nothing is published, for readiness; null while all is well (also while another process is the relay). */
  problem(): string | null;
}

const batchSizeMax = 500;
const pollMs = 200;
const lingerMs = 25;
/**
 * A stream is gathered for longer, as long as that makes batches of consumers larger: on Kafka a transaction of theirs has
 * the share of one partition.
 */
const streamLingerMs = 100;
const isStream = (count: number): boolean => count >= 8 && count < 64;
/** How long at most nobody publishes after the process that did has died. */
const lockPollMs = 1_000;
const backOffMsMax = 5_000;
/**
 * A host that vanishes says no goodbye: its session would keep the lock for as long as the system of the database waits,
 * two hours, and nobody would publish. With these Postgres lets it go after 11 s [measured, with packets dropped].
 */
const lockEndsWithHost =
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000';

function toRecord({ topic, key, envelope, event_id, traceparent }: PendingEvent): OutgoingRecord {
  const headers = { 'event-id': event_id, ...(traceparent === null ? {} : { traceparent }) };
  return { topic, key, value: envelope, headers };
}

/**
 * Publishes pending events, lowest seq first and one batch in flight: consumers rely on this for the order of a key
 * (ADR 0001). An advisory lock lets one process do it; a crash anywhere repeats the batch, which consumers absorb.
 */
export function startRelay(options: RelayOptions): Relay {
  const { service, broker, outbox, log } = options;
  const wakeUp = createWakeUp();
  const gather = createWakeUp();
  // Of its own, so that new events do not cut a back-off short.
  const backOff = createWakeUp();
  outbox.onNudge(wakeUp.wake);
  let isStopping = false;
  let failures = 0;
  let trouble: string | null = null;

  async function publishPending(client: Client): Promise<number> {
    const startedAt = performance.now();
    const events = await pendingEvents(client, batchSizeMax);
    if (events.length === 0) return 0;
    crashPoint('outbox-read', service);
    await tracedEach({ name: `${service} publish`, kind: 'producer' }, events, (own) =>
      broker.publish(own.map(toRecord)),
    );
    crashPoint('events-published', service);
    await markPublished(client, events);
    options.onPublished?.({ size: events.length, durationMs: performance.now() - startedAt });
    return events.length;
  }

  async function relayUntilTrouble(client: Client): Promise<void> {
    const isWell = (): void => {
      failures = 0;
      trouble = null;
    };
    while (!isStopping && !(await lockRelay(client, service))) {
      // Another process publishes.
      isWell();
      await backOff.sleep(lockPollMs);
    }
    while (!isStopping) {
      const count = await publishPending(client);
      isWell();
      if (count === batchSizeMax || isStopping) continue;
      await wakeUp.sleep(pollMs);
      // A lone event goes out at once; of a stream, what commits within this time is published together.
      if (count > 0) await gather.sleep(isStream(count) ? streamLingerMs : lingerMs);
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
      gather.wake();
      backOff.wake();
      await running;
    },
  };
}

function clientFor({ workerUrl, log }: RelayOptions): Client {
  const client = new Client({
    connectionString: workerUrl,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    // Pending rows come in order from their index. Left to itself, the planner takes them for few and sorts them all,
    // for every batch anew: with 4,000 waiting, a batch takes 4.5 ms instead of 0.3.
    options: `-c enable_sort=off ${lockEndsWithHost}`,
  });
  // Without a listener a broken connection would end the process; the query in hand rejects anyway.
  client.on('error', (err) => log.warn({ err }, 'relay lost its connection'));
  return client;
}
