import { type AnyEvent, ContractViolation, decodeEvent, type EventType, type TopicName } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Broker, IncomingRecord, RecordBatch, Running } from '../broker/broker.port.ts';
import type { Database } from '../db/database.ts';
import { isDatabaseTrouble } from '../db/errors.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Logger } from '../runtime/log.ts';
import { type Delivered, type Handle, PermanentError } from './consumer.port.ts';
import { park, parkedKeys } from './dead-letters.ts';
import { takeNew } from './inbox.ts';

export interface ConsumerSpec<Tables, T extends EventType> {
  /** `<service>.<purpose>`: also the name of the consumer group. */
  readonly name: string;
  readonly topics: readonly TopicName[];
  /** Events of other types pass by. */
  readonly types: readonly T[];
  readonly handle: Handle<Tables, T>;
}

export interface ConsumerDeps<Tables> {
  readonly broker: Pick<Broker, 'subscribe'>;
  readonly db: Pick<Database<Tables>, 'asWorker'>;
  readonly outbox: Pick<Outbox, 'nudge'>;
  readonly log: Logger;
  /** How often and for how long one event is tried before it is parked. */
  readonly retry?: { readonly attemptsMax: number; readonly pauseMs: number };
  readonly observer?: ConsumerObserver;
}

/** Told what a consumer does, for the metrics. */
export interface ConsumerObserver {
  /** A batch is done: how many records, how many of its events had been taken before. */
  onBatch(batch: { consumer: string; size: number; duplicates: number; durationMs: number }): void;
  /** A batch or an event failed and comes again. */
  onRetry(consumer: string): void;
}

const batchSizeMax = 500;

/** A record that can be decoded, or the reason why not. */
interface Decoded {
  readonly record: IncomingRecord;
  readonly event: AnyEvent | null;
  readonly problem: string | null;
}

/**
 * Consumes a batch of one partition in one transaction: inbox first, effects second. If that fails because of a message,
 * each message gets its own transaction, and the one to blame parks alone, with its key behind it.
 */
export async function startConsumer<Tables, T extends EventType>(
  deps: ConsumerDeps<Tables>,
  spec: ConsumerSpec<Tables, T>,
): Promise<Running> {
  const { attemptsMax, pauseMs } = deps.retry ?? { attemptsMax: 6, pauseMs: 100 };

  function isWanted(event: AnyEvent): event is Delivered<T>['event'] & AnyEvent {
    return spec.types.some((type) => type === event.type);
  }

  /** Returns how many of the events had been taken before. */
  async function apply(trx: Transaction<Tables>, decoded: readonly Decoded[]): Promise<number> {
    const wanted = decoded.filter(({ event }) => event === null || isWanted(event));
    if (wanted.length === 0) return 0;
    const parked = await parkedKeys(
      trx,
      spec.name,
      wanted.map(({ record }) => record.key),
    );
    const waiting = wanted.filter(({ record }) => parked.has(record.key));
    const broken = wanted.filter(({ record, problem }) => problem !== null && !parked.has(record.key));
    for (const { record, event } of waiting)
      await park(trx, spec.name, record, {
        event,
        reason: 'an earlier event of the key is parked',
        attempts: 0,
        isBlocking: true,
      });
    for (const { record, problem } of broken)
      await park(trx, spec.name, record, { event: null, reason: problem ?? '', attempts: 1, isBlocking: false });
    const ready = wanted.flatMap(({ record, event }): Delivered<T>[] =>
      event !== null && isWanted(event) && !parked.has(record.key)
        ? [{ event, traceparent: record.headers['traceparent'] ?? null }]
        : [],
    );
    const fresh = await takeNew(
      trx,
      spec.name,
      ready.map(({ event }) => event.id),
    );
    const events = ready.filter(({ event }) => fresh.delete(event.id));
    if (events.length > 0) await spec.handle(trx, events);
    return ready.length - events.length;
  }

  async function applyAlone(one: Decoded, batch: RecordBatch): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      await batch.heartbeat();
      try {
        return await deps.db.asWorker((trx) => apply(trx, [one]));
      } catch (error) {
        if (isDatabaseTrouble(error)) throw error;
        if (attempt === attemptsMax || error instanceof PermanentError || error instanceof ContractViolation) {
          await parkAlone(one, error, attempt);
          return 0;
        }
        deps.observer?.onRetry(spec.name);
        await pause(pauseMs * 2 ** (attempt - 1), batch.signal);
      }
    }
  }

  async function parkAlone({ record, event }: Decoded, error: unknown, attempts: number): Promise<void> {
    deps.log.error({ err: error, consumer: spec.name, eventId: event?.id, key: record.key }, 'event parked');
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
    await deps.db.asWorker((trx) => park(trx, spec.name, record, { event, reason, attempts, isBlocking: true }));
  }

  return deps.broker.subscribe({ group: spec.name, topics: spec.topics, batchSizeMax }, async (batch) => {
    const startedAt = performance.now();
    const decoded = batch.records.map(decode);
    let duplicates = 0;
    try {
      duplicates = await deps.db.asWorker((trx) => apply(trx, decoded));
    } catch (error) {
      deps.observer?.onRetry(spec.name);
      // The database is to blame, not a message: the batch comes again, nothing is parked.
      if (isDatabaseTrouble(error)) throw error;
      deps.log.warn({ err: error, consumer: spec.name, size: decoded.length }, 'batch failed; one message at a time');
      for (const one of decoded) duplicates += await applyAlone(one, batch);
    }
    deps.outbox.nudge();
    const durationMs = performance.now() - startedAt;
    deps.observer?.onBatch({ consumer: spec.name, size: decoded.length, duplicates, durationMs });
  });
}

function decode(record: IncomingRecord): Decoded {
  try {
    return { record, event: decodeEvent(record.value), problem: null };
  } catch (error) {
    if (!(error instanceof ContractViolation)) throw error;
    return { record, event: null, problem: error.message };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new Error('the partition was taken away'));
      },
      { once: true },
    );
  });
}
