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
import { type KitRow, kitTables } from '../db/kit-tables.ts';
import { countRows } from '../http/counted.ts';
import { takeNew } from './consumed-event.store.ts';
import type { ConsumerSpec } from './consumer.port.ts';
import { callHandlers } from './handler-calls.ts';

const reasonCharactersMax = 2_000;

/** The identity of an event: all that parking needs. */
export type EventHead = Pick<Envelope, 'id' | 'tenantId' | 'type'>;

interface Parking {
  /** Null when the bytes were too broken to read it. */
  readonly event: EventHead | null;
  readonly reason: string;
  readonly attempts: number;
  readonly isBlocking: boolean;
}

/**
 * Stores a record that cannot be processed now, with its bytes and the reason. Parking it twice has no further effect.
 */
export async function park<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  record: IncomingRecord,
  parking: Parking,
): Promise<void> {
  const { event, reason, attempts, isBlocking } = parking;
  await kitTables(trx)
    .insertInto('dead_letter')
    .values({
      id: newId(),
      tenant_id: event?.tenantId ?? null,
      consumer,
      event_id: event?.id ?? idOfBytes(record),
      key: record.key,
      topic: record.topic,
      event_type: event === null ? null : storable(event.type),
      is_blocking: isBlocking,
      raw: Buffer.from(record.value),
      reason: storable(reason),
      attempts,
    })
    .onConflict((clash) => clash.columns(['consumer', 'event_id']).doNothing())
    .execute();
}

/** A reason may quote the record: a NUL in it, which Postgres cannot store, would make parking fail for ever. */
function storable(reason: string): string {
  return reason.slice(0, reasonCharactersMax).replaceAll('\0', '');
}

/** Bytes without a readable id get one derived from the bytes and their place, so that a redelivery is recognised. */
function idOfBytes(record: IncomingRecord): string {
  const hex = createHash('sha256')
    .update(`${record.topic}/${record.partition}/${record.position}/`)
    .update(record.value)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The keys that have a blocking parked event. Takes turns with a replay of the same key, so that no event passes it.
 */
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
  const { rows } = await sql<Pick<KitRow<'dead_letter'>, 'key'>>`
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

/** The dead letters of one key of a consumer that belong to a tenant. */
interface ParkedKey<Tables> {
  readonly spec: ConsumerSpec<Tables>;
  readonly tenantId: TenantId;
  readonly key: string;
}

/**
 * Processes the parked events of one key again, in order, each in a transaction of its own, and stops at the first that
 * still fails. Records that cannot be read and block nothing are skipped. Only letters of the tenant are processed.
 */
export async function replayKey<Tables>(
  db: Pick<Database<Tables>, 'asWorker'>,
  spec: ConsumerSpec<Tables>,
  tenantId: TenantId,
  key: string,
): Promise<ReplayResult> {
  const parked = { spec, tenantId, key };
  let replayedCount = 0;
  let doneSeq = '0';
  try {
    for (;;) {
      const next = await db.asWorker((trx) => replayNext(trx, parked, doneSeq));
      if (next === null) break;
      doneSeq = next.seq;
      if (next.isReplayed) replayedCount += 1;
    }
  } catch (error) {
    await db.asWorker((trx) => noteFailure(trx, parked, doneSeq, error));
  }
  return { replayedCount, remainingCount: await db.asWorker((trx) => countWaiting(trx, parked)) };
}

/** Processes the first letter after the place; null when there is none. */
async function replayNext<Tables>(
  trx: Transaction<Tables>,
  parked: ParkedKey<Tables>,
  afterSeq: string,
): Promise<{ readonly seq: string; readonly isReplayed: boolean } | null> {
  const { spec, tenantId, key } = parked;
  await lockKey(trx, spec.name, key);
  const letter = await waitingBehind(trx, parked, afterSeq)
    .select(['id', 'raw', 'parked_seq', 'is_blocking'])
    .forUpdate()
    .executeTakeFirst();
  if (letter === undefined) return null;
  const event = readable(letter);
  if (event === null) return { seq: letter.parked_seq, isReplayed: false };
  const isNew = (await takeNew(trx, spec.name, [event.id])).size === 1;
  if (isNew) await callHandlers(spec, trx, [{ event, traceparent: null }]);
  await kitTables(trx)
    .updateTable('dead_letter')
    .set({ replayed_at: sql<Date>`now()` })
    .where('id', '=', letter.id)
    .where('tenant_id', '=', tenantId)
    .execute();
  return { seq: letter.parked_seq, isReplayed: true };
}

function waiting<Tables>(trx: Transaction<Tables>, { spec, tenantId, key }: ParkedKey<Tables>) {
  return kitTables(trx)
    .selectFrom('dead_letter')
    .where('consumer', '=', spec.name)
    .where('key', '=', key)
    .where('tenant_id', '=', tenantId)
    .where('replayed_at', 'is', null);
}

/** The first waiting letter after a place. */
function waitingBehind<Tables>(trx: Transaction<Tables>, parked: ParkedKey<Tables>, afterSeq: string) {
  return waiting(trx, parked).where('parked_seq', '>', afterSeq).orderBy('parked_seq').limit(1);
}

/**
 * Null for a record that cannot be read and blocks nothing. @throws ContractViolation if it cannot be read and blocks
 * its key
 */
function readable({ raw, is_blocking }: Pick<KitRow<'dead_letter'>, 'raw' | 'is_blocking'>): AnyEvent | null {
  try {
    return decodeEvent(raw);
  } catch (error) {
    if (error instanceof ContractViolation && !is_blocking) return null;
    throw error;
  }
}

async function noteFailure<Tables>(
  trx: Transaction<Tables>,
  parked: ParkedKey<Tables>,
  doneSeq: string,
  error: unknown,
): Promise<void> {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  await kitTables(trx)
    .updateTable('dead_letter')
    .set((row) => ({ attempts: row('attempts', '+', 1), reason: storable(reason) }))
    .where('id', '=', waitingBehind(trx, parked, doneSeq).select('id'))
    .execute();
}

async function countWaiting<Tables>(trx: Transaction<Tables>, parked: ParkedKey<Tables>): Promise<number> {
  const row = await waiting(trx, parked)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

const shown = ['id', 'consumer', 'key', 'event_type', 'reason', 'attempts', 'parked_at'] as const;

/** How many events of the workspace are parked, counted up to a bound. */
export function countDeadLetters<Tables>(trx: Transaction<Tables>, tenantId: TenantId): Promise<number> {
  return countRows(
    trx,
    kitTables(trx)
      .selectFrom('dead_letter')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('replayed_at', 'is', null),
  );
}

/** Waiting letters of the tenant of the transaction, oldest first. */
export function listDeadLetters<Tables>(
  trx: Transaction<Tables>,
  tenantId: TenantId,
  first: number,
  afterId: string | null,
): Promise<Pick<KitRow<'dead_letter'>, (typeof shown)[number]>[]> {
  return kitTables(trx)
    .selectFrom('dead_letter')
    .select(shown)
    .where('tenant_id', '=', tenantId)
    .where('replayed_at', 'is', null)
    .$if(afterId !== null, (query) => query.where('id', '>', afterId))
    .orderBy('id')
    .limit(first + 1)
    .execute();
}
