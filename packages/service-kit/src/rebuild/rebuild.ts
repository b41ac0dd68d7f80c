import { decodeEvent, topics } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { consumedTopics, type ConsumerSpec, type Delivered, typesOf } from '../consumer/consumer.port.ts';
import { callHandlers } from '../consumer/handler-calls.ts';
import { serviceUrl } from '../db/migrate.ts';
import type { Keys } from '../runtime/keys.ts';
import { type History, type HistoryRow, openHistory } from './history.ts';
import { createShadow, type Shadow } from './shadow.ts';
import {
  lockLive,
  markTaken,
  noteTaken,
  type ProjectionTable,
  replaceRows,
  takenLive,
  waitingLetters,
} from './swap.ts';

/** The tables a service derives from the events of others, with the consumer that derives them. */
export interface Projection<Tables> {
  readonly service: string;
  readonly consumer: ConsumerSpec<Tables>;
  readonly tables: readonly ProjectionTable[];
}

export interface RebuildOptions {
  /** Administrator's address of the service's database. */
  readonly databaseUrl: string;
  /** Administrator's address of the database with the outboxes of the owners of the events. */
  readonly historyDatabaseUrl: string;
  readonly keys: Keys;
  readonly onProgress?: (eventCount: number) => void;
}

export interface Rebuilt {
  readonly eventCount: number;
  /** The number of rows of the live tables that differed from the history. */
  readonly differenceCount: number;
  /** How long live consumption had to wait. */
  readonly lockedMs: number;
}

/**
 * Rebuilds a projection from the histories of the owners, with the handler of live consumption, beside the live tables;
 * then makes the live tables equal in one transaction. Live consumption continues meanwhile and only waits for that
 * last step. Parked events stay parked.
 */
export async function rebuildProjection<Tables>(
  options: RebuildOptions,
  projection: Projection<Tables>,
): Promise<Rebuilt> {
  const { service, consumer, tables } = projection;
  const { keys, databaseUrl } = options;
  const shadow = await createShadow<Tables>({
    service,
    adminUrl: databaseUrl,
    workerUrl: serviceUrl(databaseUrl, keys, service, 'worker'),
    tables: tables.map((table) => table.name),
  });
  const histories: History[] = [];
  try {
    for (const [owner, owned] of Map.groupBy(consumedTopics(consumer), (topic) => topics[topic].owner)) {
      const url = serviceUrl(options.historyDatabaseUrl, keys, owner, 'worker');
      histories.push(await openHistory(url, owned, typesOf(consumer)));
    }
    return await replay(options, projection, shadow, histories);
  } finally {
    await Promise.all(histories.map((history) => history.close()));
    await shadow.drop();
  }
}

async function replay<Tables>(
  { onProgress }: RebuildOptions,
  { service, consumer, tables }: Projection<Tables>,
  shadow: Shadow<Tables>,
  histories: readonly History[],
): Promise<Rebuilt> {
  const swap = { service, shadow: shadow.schema };
  const leftOut = new Map<string, HistoryRow>();
  let eventCount = 0;

  async function apply(rows: readonly HistoryRow[]): Promise<void> {
    const delivered = rows.map((row): Delivered => ({
      event: decodeEvent(Buffer.from(row.envelope)),
      traceparent: row.traceparent,
    }));
    await shadow.apply(async (trx) => {
      await noteTaken(
        trx,
        swap,
        consumer.name,
        delivered.map(({ event }) => event.id),
      );
      await callHandlers(consumer, trx, delivered);
    });
    eventCount += rows.length;
    onProgress?.(eventCount);
  }

  async function applyUnlessParked(rows: readonly HistoryRow[], parked: ReadonlySet<string>): Promise<void> {
    for (const row of rows) if (parked.has(row.event_id)) leftOut.set(row.event_id, row);
    const ready = rows.filter((row) => !parked.has(row.event_id));
    if (ready.length > 0) await apply(ready);
  }

  /**
   * Also applies events that are on the log and consumed, but not marked by the relay yet: the live tables contain
   * them.
   */
  async function readToTheEnd(trx: Transaction<Tables>, history: History, parked: ReadonlySet<string>): Promise<void> {
    // Read first: events that the relay marks in between are then seen twice, not missed.
    const pending = await history.pending();
    const read = new Set<string>();
    await history.read((rows) => {
      for (const row of rows) read.add(row.event_id);
      return applyUnlessParked(rows, parked);
    });
    const ids = pending.map((row) => row.event_id);
    const taken = await takenLive(trx, swap, consumer.name, ids);
    const late = pending.filter((row) => taken.has(row.event_id) && !read.has(row.event_id));
    if (late.length > 0) await apply(late);
  }

  // Twice: events that arrived during the first pass are read before live consumption has to wait.
  for (const history of [...histories, ...histories]) {
    const parked = await shadow.compare((trx) => waitingLetters(trx, swap, consumer.name));
    await history.read((rows) => applyUnlessParked(rows, parked));
  }
  await shadow.compare((trx) => sql`analyze ${sql.table(`${shadow.schema}.consumed_event`)}`.execute(trx));

  return shadow.compare(async (trx) => {
    const lockedAt = performance.now();
    await lockLive(trx, swap, tables);
    const stillParked = await waitingLetters(trx, swap, consumer.name);
    const replayed = [...leftOut.values()].filter((row) => !stillParked.has(row.event_id));
    if (replayed.length > 0) await apply(replayed);
    for (const history of histories) await readToTheEnd(trx, history, stillParked);
    await markTaken(trx, swap);
    let differenceCount = 0;
    for (const table of tables) differenceCount += await replaceRows(trx, swap, table);
    return { eventCount, differenceCount, lockedMs: performance.now() - lockedAt };
  });
}
