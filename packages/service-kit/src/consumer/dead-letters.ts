import {
  type AnyEvent,
  ContractViolation,
  decodeEvent,
  type Envelope,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { createHash } from 'node:crypto';
import type { IncomingRecord } from '../broker/broker.port.ts';
import type { Database } from '../db/database.ts';
import { takeNew } from './consumed-event.store.ts';
import type { ConsumerSpec } from './consumer.port.ts';
import { callHandlers } from './handler-calls.ts';

const reasonCharactersMax = 2_000;

/** Whose event it is: all that parking needs of one. */
export type EventHead = Pick<Envelope, 'id' | 'tenantId' | 'type'>;

interface Parking {
  /** Null when the bytes were too broken to tell. */
  readonly event: EventHead | null;
  readonly reason: string;
  readonly attempts: number;
  readonly isBlocking: boolean;
}

/** Keeps a record that cannot be processed now, with its bytes and the reason. Parking it twice is parking it once. */
export async function park<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  record: IncomingRecord,
  parking: Parking,
): Promise<void> {
  const { event, reason, attempts, isBlocking } = parking;
  await sql`
    insert into dead_letter (id, tenant_id, consumer, event_id, key, topic, event_type, is_blocking, raw, reason, attempts)
    values (${newId()}, ${event?.tenantId ?? null}, ${consumer}, ${event?.id ?? idOfBytes(record)}, ${record.key}, ${record.topic},
      ${event === null ? null : storable(event.type)}, ${isBlocking}, ${record.value}, ${storable(reason)}, ${attempts})
    on conflict (consumer, event_id) do nothing`.execute(trx);
}

/** A reason may quote what is wrong with a record: a NUL in it, which Postgres cannot store, would make parking fail for ever. */
function storable(reason: string): string {
  return reason.slice(0, reasonCharactersMax).replaceAll('\0', '');
}

/** Bytes without a readable id get one made of themselves and their place, so that a redelivery is recognised. */
function idOfBytes(record: IncomingRecord): string {
  const hex = createHash('sha256')
    .update(`${record.topic}/${record.partition}/${record.position}/`)
    .update(record.value)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Which of the keys have a blocking parked event. Takes turns with a replay of the same key, so that no event slips past it. */
export async function parkedKeys<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  keys: readonly string[],
): Promise<Set<string>> {
  const first = await blockedKeys(trx, consumer, keys);
  if (first.size === 0) return first;
  for (const key of [...first].sort()) await lockKey(trx, consumer, key);
  return blockedKeys(trx, consumer, [...first]);
}

async function blockedKeys<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  keys: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select distinct key from dead_letter
    where consumer = ${consumer} and key = any(${keys}::text[]) and replayed_at is null and is_blocking`.execute(trx);
  return new Set(rows.map((row) => row.key));
}

async function lockKey<Tables>(trx: Transaction<Tables>, consumer: string, key: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${consumer} ${key}`}, 0))`.execute(trx);
}

export interface ReplayResult {
  readonly replayedCount: number;
  readonly remainingCount: number;
}

/**
 * Processes the parked events of one key again, in their order, each in a transaction of its own, and stops at the first
 * that still fails. What cannot be read and holds nothing up is passed over. Only letters of the tenant are touched.
 */
export async function replayKey<Tables>(
  db: Pick<Database<Tables>, 'asWorker'>,
  spec: ConsumerSpec<Tables>,
  tenantId: TenantId,
  key: string,
): Promise<ReplayResult> {
  let replayedCount = 0;

  /** The first letter behind the place; null when there is none. */
  const replayNext = (afterSeq: string): Promise<{ seq: string; isReplayed: boolean } | null> =>
    db.asWorker(async (trx) => {
      await lockKey(trx, spec.name, key);
      const { rows } = await sql<{ id: string; raw: Buffer; seq: string; is_blocking: boolean }>`
        select id, raw, parked_seq as seq, is_blocking from dead_letter
        where consumer = ${spec.name} and key = ${key} and tenant_id = ${tenantId} and replayed_at is null
          and parked_seq > ${afterSeq}
        order by parked_seq limit 1 for update`.execute(trx);
      const [letter] = rows;
      if (letter === undefined) return null;
      const event = readable(letter);
      if (event === null) return { seq: letter.seq, isReplayed: false };
      const isNew = (await takeNew(trx, spec.name, [event.id])).size === 1;
      if (isNew) await callHandlers(spec, trx, [{ event, traceparent: null }]);
      await sql`update dead_letter set replayed_at = now() where id = ${letter.id} and tenant_id = ${tenantId}`.execute(
        trx,
      );
      return { seq: letter.seq, isReplayed: true };
    });

  let doneSeq = '0';
  try {
    for (;;) {
      const next = await replayNext(doneSeq);
      if (next === null) break;
      doneSeq = next.seq;
      if (next.isReplayed) replayedCount += 1;
    }
  } catch (error) {
    await noteFailure(db, spec.name, tenantId, key, doneSeq, error);
  }
  return { replayedCount, remainingCount: await countWaiting(db, spec.name, tenantId, key) };
}

/** Null for what cannot be read and holds nothing up. @throws ContractViolation for what cannot be read and does */
function readable({ raw, is_blocking }: { readonly raw: Buffer; readonly is_blocking: boolean }): AnyEvent | null {
  try {
    return decodeEvent(raw);
  } catch (error) {
    if (error instanceof ContractViolation && !is_blocking) return null;
    throw error;
  }
}

async function noteFailure<Tables>(
  db: Pick<Database<Tables>, 'asWorker'>,
  consumer: string,
  tenantId: TenantId,
  key: string,
  doneSeq: string,
  error: unknown,
) {
  const reason =
    error instanceof ContractViolation || error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  await db.asWorker((trx) =>
    sql`
      update dead_letter set attempts = attempts + 1, reason = ${storable(reason)}
      where id = (select id from dead_letter
        where consumer = ${consumer} and key = ${key} and tenant_id = ${tenantId} and replayed_at is null
          and parked_seq > ${doneSeq}
        order by parked_seq limit 1)`.execute(trx),
  );
}

async function countWaiting<Tables>(
  db: Pick<Database<Tables>, 'asWorker'>,
  consumer: string,
  tenantId: TenantId,
  key: string,
): Promise<number> {
  const { rows } = await db.asWorker((trx) =>
    sql<{ n: number }>`
      select count(*)::int as n from dead_letter
      where consumer = ${consumer} and key = ${key} and tenant_id = ${tenantId} and replayed_at is null`.execute(trx),
  );
  return rows[0]?.n ?? 0;
}

export interface DeadLetterRow {
  readonly id: string;
  readonly consumer: string;
  readonly key: string;
  readonly event_type: string | null;
  readonly reason: string;
  readonly attempts: number;
  readonly parked_at: Date;
}

/** Waiting letters of the tenant of the transaction, oldest first. */
export async function listDeadLetters<Tables>(
  trx: Transaction<Tables>,
  tenantId: TenantId,
  first: number,
  afterId: string | null,
): Promise<DeadLetterRow[]> {
  const { rows } = await sql<DeadLetterRow>`
    select id, consumer, key, event_type, reason, attempts, parked_at from dead_letter
    where tenant_id = ${tenantId} and replayed_at is null and (${afterId}::uuid is null or id > ${afterId}::uuid)
    order by id limit ${first + 1}`.execute(trx);
  return rows;
}
