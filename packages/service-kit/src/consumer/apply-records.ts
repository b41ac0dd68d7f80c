import type { ContractViolation } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { IncomingRecord } from '../broker/broker.port.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Logger } from '../runtime/log.ts';
import { tracedEach } from '../runtime/spans.ts';
import { takeNew } from './consumed-event.store.ts';
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
  const ready = await parkOrPass(log, spec.name, trx, records);
  const fresh = await takeNew(
    trx,
    spec.name,
    ready.map(({ event }) => event.id),
  );
  const events = ready.filter(({ event }) => fresh.delete(event.id));
  if (events.length > 0) {
    const span = { name: `${spec.name} consume`, kind: 'consumer' } as const;
    await tracedEach(span, events, (own) => callHandlers(spec, trx, own));
    crashPoint('batch-applied', spec.name);
  }
  return ready.length - events.length;
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
    const { record, event, problem } = one;
    // A record that stays wrong must not wait behind others: no replay could remove it from their way.
    if (problem !== null && !isReadableLater(one)) await parkUnreadable(log, consumer, trx, record, problem, false);
    else if (parked.has(record.key)) await parkWaiting(trx, consumer, one);
    else if (problem !== null) {
      // Its key waits for the upgrade that can read it.
      await parkUnreadable(log, consumer, trx, record, problem, true);
      parked.add(record.key);
    } else if (event !== null) ready.push({ event, traceparent: record.headers['traceparent'] ?? null });
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
