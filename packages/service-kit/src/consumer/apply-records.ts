import type { ContractViolation } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { IncomingRecord } from '../broker/broker.port.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import { tracedEach } from '../runtime/spans.ts';
import { takeNew, takeUnblocked } from './consumed-event.store.ts';
import type { ConsumerSpec, Delivered } from './consumer.port.ts';
import { park, parkedKeys } from './dead-letters.ts';
import { type DecodedRecord, headOf, isReadableLater } from './decoded-record.ts';
import { callHandlers } from './handler-calls.ts';

/**
 * Applies records that concern a consumer, in one transaction: marks their events as consumed, then passes the new ones
 * to their handlers. Parks records that cannot be read, and events that have to wait behind a parked event of their
 * key. Returns how many events had been consumed before.
 */
export async function applyRecords<Tables>(
  log: Logger,
  spec: ConsumerSpec<Tables>,
  trx: Transaction<Tables>,
  records: readonly DecodedRecord[],
): Promise<number> {
  const { events, duplicates } = await takeEvents(log, spec.name, trx, records);
  if (events.length > 0) {
    const span = { name: `${spec.name} consume`, kind: 'consumer' } as const;
    await tracedEach(span, events, (own) => callHandlers(spec, trx, own));
    crashPoint('batch-applied', spec.name);
  }
  return duplicates;
}

interface Taken {
  /** The new events that can be handled now, in their order. */
  readonly events: readonly Delivered[];
  readonly duplicates: number;
}

/** Usually everything can be read, is new and is not blocked: one statement. What is left is looked at more closely. */
async function takeEvents<Tables>(
  log: Logger,
  consumer: string,
  trx: Transaction<Tables>,
  records: readonly DecodedRecord[],
): Promise<Taken> {
  const isReadable = records.every(({ problem }) => problem === null);
  const taken = await takeUnblocked(trx, consumer, isReadable ? records.flatMap(keyedId) : []);
  const left = records.filter(({ event }) => event === null || !taken.has(event.id));
  const ready = left.length === 0 ? [] : await parkOrPass(log, consumer, trx, left);
  const unblocked = await takeNew(
    trx,
    consumer,
    ready.map(({ event }) => event.id),
  );
  const fresh = new Set([...taken, ...unblocked]);
  const events = records.flatMap(deliveredOf).filter(({ event }) => fresh.delete(event.id));
  return { events, duplicates: records.length - left.length + ready.length - events.length };
}

function keyedId({ event, record }: DecodedRecord) {
  return event === null ? [] : [{ id: event.id, key: record.key }];
}

function deliveredOf({ event, record }: DecodedRecord): Delivered[] {
  return event === null ? [] : [{ event, traceparent: record.headers['traceparent'] ?? null }];
}

/** Returns the events that can be handled now. */
async function parkOrPass<Tables>(
  log: Logger,
  consumer: string,
  trx: Transaction<Tables>,
  records: readonly DecodedRecord[],
): Promise<Delivered[]> {
  const parked = await parkedKeys(
    trx,
    consumer,
    records.map(({ record }) => record.key),
  );
  const ready: Delivered[] = [];
  for (const one of records) {
    const { record, problem } = one;
    // A record that stays wrong must not wait behind others: no replay could remove it from their way.
    if (problem !== null && !isReadableLater(one)) await parkUnreadable(log, consumer, trx, record, problem, false);
    else if (parked.has(record.key)) await parkWaiting(trx, consumer, one);
    else if (problem !== null) {
      // Its key waits for the upgrade that can read it.
      await parkUnreadable(log, consumer, trx, record, problem, true);
      parked.add(record.key);
    } else ready.push(...deliveredOf(one));
  }
  return ready;
}

async function parkWaiting<Tables>(trx: Transaction<Tables>, consumer: string, one: DecodedRecord): Promise<void> {
  const reason = 'an earlier event of the key is parked';
  await park(trx, consumer, one.record, { event: headOf(one), reason, attempts: 0, isBlocking: true });
}

async function parkUnreadable<Tables>(
  log: Logger,
  consumer: string,
  trx: Transaction<Tables>,
  record: IncomingRecord,
  problem: ContractViolation,
  isBlocking: boolean,
): Promise<void> {
  const { envelope, message: reason } = problem;
  const { topic, partition, position, key } = record;
  const place = { consumer, topic, partition, position: position.toString(), key };
  log.error({ err: problem, eventId: envelope?.id, ...place }, 'parked an event that cannot be read');
  await park(trx, consumer, record, { event: envelope, reason, attempts: 1, isBlocking });
}
