import {
  type AnyEvent,
  ContractViolation,
  decodeEvent,
  type EventType,
  type TopicName,
  UnknownEvent,
} from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Broker, IncomingRecord, RecordBatch, Running } from '../broker/broker.port.ts';
import type { Database } from '../db/database.ts';
import { isDatabaseTrouble, isStatementTimeout } from '../db/errors.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type MonotonicMs, monotonicMs } from '../runtime/clock.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import { tracedEach } from '../runtime/spans.ts';
import { type Delivered, type Handle, PermanentError } from './consumer.port.ts';
import { type EventHead, park, parkedKeys } from './dead-letters.ts';
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
  /** Another than the process's own in tests. */
  readonly nowMs?: MonotonicMs;
}

/** Told what a consumer does, for the metrics. */
export interface ConsumerObserver {
  /**
   * A batch is done: how many records, how many of its events had been taken before, how many were of types that this
   * consumer neither knows nor wants and passed by.
   */
  onBatch(batch: { consumer: string; size: number; duplicates: number; unreadable: number; durationMs: number }): void;
  /** A batch or an event failed and comes again. */
  onRetry(consumer: string): void;
}

const batchSizeMax = 500;
/**
 * How long tries of one event may begin. The try of its batch before and its last one take up to a minute each, the limit of
 * a transaction: an event whose handler hangs holds its partition for five minutes at most.
 */
const retryMsMax = 3 * 60_000;

/** A record that can be decoded, or the reason why not. */
type Decoded = { readonly record: IncomingRecord } & (
  { readonly event: AnyEvent; readonly problem: null } | { readonly event: null; readonly problem: ContractViolation }
);

/**
 * Consumes a batch of one partition in one transaction: inbox first, effects second. If that fails because of a message,
 * each message gets its own transaction, and the one to blame parks alone, with its key behind it.
 */
export async function startConsumer<Tables, T extends EventType>(
  deps: ConsumerDeps<Tables>,
  spec: ConsumerSpec<Tables, T>,
): Promise<Running> {
  const { attemptsMax, pauseMs } = deps.retry ?? { attemptsMax: 6, pauseMs: 100 };
  const { nowMs = monotonicMs } = deps;

  function isWanted(event: AnyEvent): event is Delivered<T>['event'] & AnyEvent {
    return spec.types.some((type) => type === event.type);
  }

  /** What cannot be read concerns a consumer unless its type can be read and is none of his. */
  function isConcerned({ event, problem }: Decoded): boolean {
    const type = event === null ? problem.envelope?.type : event.type;
    return type === undefined || spec.types.some((wanted) => wanted === type);
  }

  /** Returns how many of the events had been taken before. */
  async function apply(trx: Transaction<Tables>, decoded: readonly Decoded[]): Promise<number> {
    const wanted = decoded.filter(isConcerned);
    if (wanted.length === 0) return 0;
    const parked = await parkedKeys(
      trx,
      spec.name,
      wanted.map(({ record }) => record.key),
    );
    const ready: Delivered<T>[] = [];
    for (const one of wanted) {
      const { record, event, problem } = one;
      // What is wrong for ever must not wait behind others: no replay could take it out of their way.
      if (problem !== null && !(problem instanceof UnknownEvent)) await parkBroken(trx, record, problem);
      else if (parked.has(record.key)) await parkWaiting(trx, one);
      else if (problem !== null) {
        await parkBroken(trx, record, problem);
        parked.add(record.key);
      } else if (isWanted(event)) ready.push({ event, traceparent: record.headers['traceparent'] ?? null });
    }
    const fresh = await takeNew(
      trx,
      spec.name,
      ready.map(({ event }) => event.id),
    );
    const events = ready.filter(({ event }) => fresh.delete(event.id));
    if (events.length > 0)
      await tracedEach({ name: `${spec.name} consume`, kind: 'consumer' }, events, (own) => spec.handle(trx, own));
    if (events.length > 0) crashPoint('batch-applied', spec.name);
    return ready.length - events.length;
  }

  async function parkWaiting(trx: Transaction<Tables>, one: Decoded): Promise<void> {
    const reason = 'an earlier event of the key is parked';
    await park(trx, spec.name, one.record, { event: headOf(one), reason, attempts: 0, isBlocking: true });
  }

  /**
   * An event of a version to come is understood after an upgrade, so its key waits for that. What is simply wrong stays so:
   * its key goes on.
   */
  async function parkBroken(
    trx: Transaction<Tables>,
    record: IncomingRecord,
    problem: ContractViolation,
  ): Promise<void> {
    const { envelope, message: reason } = problem;
    const { topic, partition } = record;
    const place = { consumer: spec.name, topic, partition, position: record.position.toString(), key: record.key };
    deps.log.error({ err: problem, eventId: envelope?.id, ...place }, 'event that cannot be read parked');
    const isBlocking = problem instanceof UnknownEvent;
    await park(trx, spec.name, record, { event: envelope, reason, attempts: 1, isBlocking });
  }

  async function applyAlone(one: Decoded, batch: RecordBatch): Promise<number> {
    const retryUntilMs = nowMs() + retryMsMax;
    for (let attempt = 1; ; attempt += 1) {
      await batch.heartbeat();
      try {
        return await deps.db.asWorker((trx) => apply(trx, [one]));
      } catch (error) {
        if (isTroubleOfDatabase(error)) throw error;
        const waitMs = pauseMs * 2 ** (attempt - 1);
        const isLast = attempt === attemptsMax || nowMs() + waitMs >= retryUntilMs;
        if (isLast || error instanceof PermanentError || error instanceof ContractViolation) {
          await parkAlone(one, error, attempt);
          return 0;
        }
        deps.observer?.onRetry(spec.name);
        await pause(waitMs, batch.signal);
      }
    }
  }

  async function parkAlone(one: Decoded, error: unknown, attempts: number): Promise<void> {
    const { record } = one;
    const event = headOf(one);
    deps.log.error({ err: error, consumer: spec.name, eventId: event?.id, key: record.key }, 'event parked');
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
    await deps.db.asWorker((trx) => park(trx, spec.name, record, { event, reason, attempts, isBlocking: true }));
    crashPoint('event-parked', spec.name);
  }

  return deps.broker.subscribe({ group: spec.name, topics: spec.topics, batchSizeMax }, async (batch) => {
    const startedAt = nowMs();
    const decoded = batch.records.map(decode);
    crashPoint('batch-read', spec.name);
    let duplicates = 0;
    try {
      duplicates = await deps.db.asWorker((trx) => apply(trx, decoded));
      if (decoded.some(({ problem }) => problem !== null)) crashPoint('event-parked', spec.name);
    } catch (error) {
      deps.observer?.onRetry(spec.name);
      // The database is to blame, not a message: the batch comes again, nothing is parked.
      if (isTroubleOfDatabase(error)) throw error;
      deps.log.warn({ err: error, consumer: spec.name, size: decoded.length }, 'batch failed; one message at a time');
      for (const one of decoded) duplicates += await applyAlone(one, batch);
    }
    crashPoint('batch-committed', spec.name);
    deps.outbox.nudge();
    const unreadable = decoded.filter((one) => one.event === null && !isConcerned(one)).length;
    const durationMs = nowMs() - startedAt;
    deps.observer?.onBatch({ consumer: spec.name, size: decoded.length, duplicates, unreadable, durationMs });
  });
}

/** A statement that takes too long may be the fault of what it has to do: it is tried so often, then parked like any other. */
function isTroubleOfDatabase(error: unknown): boolean {
  return isDatabaseTrouble(error) && !isStatementTimeout(error);
}

function headOf({ event, problem }: Decoded): EventHead | null {
  return event ?? problem?.envelope ?? null;
}

function decode(record: IncomingRecord): Decoded {
  try {
    return { record, event: decodeEvent(record.value), problem: null };
  } catch (error) {
    if (!(error instanceof ContractViolation)) throw error;
    return { record, event: null, problem: error };
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
