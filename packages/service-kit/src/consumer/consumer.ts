import { ContractViolation } from '@crossdesk/contracts';
import type { Broker, IncomingRecord, RecordBatch, Running } from '../broker/broker.port.ts';
import type { Database } from '../db/database.ts';
import { isDatabaseTrouble, isStatementTimeout } from '../db/errors.ts';
import { type MonotonicMs, monotonicMs } from '../runtime/clock.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import { applyRecords } from './apply-records.ts';
import { consumedTopics, type ConsumerSpec, PermanentError } from './consumer.port.ts';
import { park } from './dead-letters.ts';
import { concerns, type DecodedRecord, decodeRecord, headOf } from './decoded-record.ts';

export interface ConsumerDeps<Tables> {
  readonly broker: Pick<Broker, 'subscribe'>;
  readonly db: Pick<Database<Tables>, 'asWorker'>;
  readonly log: Logger;
  /** How often one event is tried before it is parked, and the pause before its second try; each further one doubles it. */
  readonly retry?: { readonly attemptsMax: number; readonly pauseMs: number };
  readonly observer?: ConsumerObserver;
  /** Differs from the process's own log in tests. */
  readonly nowMs?: MonotonicMs;
}

/** Receives what a consumer does, for the metrics. */
export interface ConsumerObserver {
  /**
   * A batch is done: the number of records, of events that had been consumed before, and of skipped events whose type
   * this process does not know and the consumer does not handle.
   */
  onBatch(batch: { consumer: string; size: number; duplicates: number; unreadable: number; durationMs: number }): void;
  /** A batch or an event failed and will be tried again. */
  onRetry(consumer: string): void;
}

const batchSizeMax = 500;
/**
 * The time within which tries of one event may begin. The earlier try of its batch and its last own try take up to a
 * minute each, the limit of a transaction. So an event whose handler hangs blocks its partition for five minutes at
 * most.
 */
const retryMsMax = 3 * 60_000;
const retryDefault = { attemptsMax: 6, pauseMs: 100 };

/**
 * Consumes a batch of one partition in one transaction. If that fails because of a message, each message gets its own
 * transaction, and only the failing one is parked, with its key behind it.
 */
export function startConsumer<Tables>(deps: ConsumerDeps<Tables>, spec: ConsumerSpec<Tables>): Promise<Running> {
  const isConcerned = concerns(spec);
  const { nowMs = monotonicMs } = deps;
  const subscription = { group: spec.name, topics: consumedTopics(spec), batchSizeMax };
  return deps.broker.subscribe(subscription, async (batch) => {
    const startedAt = nowMs();
    const decoded = (await wantedRecords(spec, batch)).map(decodeRecord);
    crashPoint('batch-read', spec.name);
    const duplicates = await consume(deps, spec, batch, decoded.filter(isConcerned));
    crashPoint('batch-committed', spec.name);
    const unreadable = decoded.filter((one) => one.event === null && !isConcerned(one)).length;
    const durationMs = nowMs() - startedAt;
    deps.observer?.onBatch({ consumer: spec.name, size: batch.records.length, duplicates, unreadable, durationMs });
  });
}

/** Records that do not name their workspace are kept: only their content tells it. */
async function wantedRecords<Tables>(
  { tenantsWanted }: ConsumerSpec<Tables>,
  { records }: RecordBatch,
): Promise<readonly IncomingRecord[]> {
  if (tenantsWanted === undefined) return records;
  const tenants = await tenantsWanted();
  return records.filter(({ headers }) => tenants.has(headers['tenant-id'] ?? '') || headers['tenant-id'] === undefined);
}

/** Returns how many of the events had been consumed before. */
async function consume<Tables>(
  deps: ConsumerDeps<Tables>,
  spec: ConsumerSpec<Tables>,
  batch: RecordBatch,
  records: readonly DecodedRecord[],
): Promise<number> {
  if (records.length === 0) return 0;
  const { db, log, observer } = deps;
  try {
    const duplicates = await db.asWorker((trx) => applyRecords(log, spec, trx, records));
    if (records.some(({ problem }) => problem !== null)) crashPoint('event-parked', spec.name);
    return duplicates;
  } catch (error) {
    observer?.onRetry(spec.name);
    // The database failed, not a message: the batch is delivered again and nothing is parked.
    if (isTroubleOfDatabase(error)) throw error;
    log.warn({ err: error, consumer: spec.name, size: records.length }, 'batch failed; one message at a time');
  }
  let duplicates = 0;
  for (const one of records) duplicates += await consumeAlone(deps, spec, batch, one);
  return duplicates;
}

async function consumeAlone<Tables>(
  deps: ConsumerDeps<Tables>,
  spec: ConsumerSpec<Tables>,
  batch: RecordBatch,
  one: DecodedRecord,
): Promise<number> {
  const { db, log, observer, nowMs = monotonicMs, retry = retryDefault } = deps;
  const retryUntilMs = nowMs() + retryMsMax;
  for (let attempt = 1; ; attempt += 1) {
    await batch.heartbeat();
    try {
      return await db.asWorker((trx) => applyRecords(log, spec, trx, [one]));
    } catch (error) {
      if (isTroubleOfDatabase(error)) throw error;
      const waitMs = retry.pauseMs * 2 ** (attempt - 1);
      const isLast = attempt === retry.attemptsMax || nowMs() + waitMs >= retryUntilMs;
      if (isLast || error instanceof PermanentError || error instanceof ContractViolation) {
        await parkFailed(deps, spec.name, one, error, attempt);
        return 0;
      }
      observer?.onRetry(spec.name);
      await pause(waitMs, batch.signal);
    }
  }
}

async function parkFailed<Tables>(
  { db, log }: ConsumerDeps<Tables>,
  consumer: string,
  one: DecodedRecord,
  error: unknown,
  attempts: number,
): Promise<void> {
  const { record } = one;
  const event = headOf(one);
  log.error({ err: error, consumer, eventId: event?.id, key: record.key }, 'event parked');
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  await db.asWorker((trx) => park(trx, consumer, record, { event, reason, attempts, isBlocking: true }));
  crashPoint('event-parked', consumer);
}

/** A statement that takes too long may be caused by its event: the event is tried as often as others, then parked. */
function isTroubleOfDatabase(error: unknown): boolean {
  return isDatabaseTrouble(error) && !isStatementTimeout(error);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new Error('the partition was revoked'));
      },
      { once: true },
    );
  });
}
