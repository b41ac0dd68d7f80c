import type { Running } from '@crossdesk/service-kit';
import { setTimeout as pause } from 'node:timers/promises';
import type { LiveRecord } from './live-record.ts';
import { createRecentRecords, recentRecordsMax } from './recent-records.ts';
import { type Bounds, type RecordSource, startsBefore } from './record-source.ts';
import type { Vector } from './stream-partitions.ts';

/**
 * If the log does not answer in this time, the tail starts without looking back: a duplicate is better than no stream.
 */
const lookBackMsMax = 5_000;

export type OnRecords<Facts> = (records: readonly LiveRecord<Facts>[]) => void;

/** One reader of the log for all live subscribers of a stream. */
export interface SharedTail<Facts> {
  /** Starts reading unless it has started; resolves once there is a place and the records before it are known. */
  start(): Promise<void>;
  /** The bounds of each partition on the log. */
  bounds(): Promise<readonly Bounds[]>;
  /** The next position that will be passed on, by partition. */
  place(): Vector;
  /** Listens from the next record on. Returns a function that stops listening. */
  listen(onRecords: OnRecords<Facts>): () => void;
  /**
   * The records that were read from there on, in the order of each partition; null if the memory does not reach back
   * that far. Waits until the records before the place are known.
   */
  recent(from: Vector): Promise<readonly LiveRecord<Facts>[] | null>;
  /** Whether it remembers all records from there on, and enough before it to recognise repeats. */
  reachesBackTo(from: Vector): boolean;
  /** Whether the event of a record came before it, as far as is remembered. */
  isRepeat(record: LiveRecord<Facts>): boolean;
  /** Records not passed on yet; 0 before the start. */
  lag(): Promise<bigint>;
  problem(): string | null;
  stop(): Promise<void>;
}

export function createSharedTail<Facts>(source: RecordSource<Facts>): SharedTail<Facts> {
  const listeners = new Set<OnRecords<Facts>>();
  let place: bigint[] = [];
  let latest = createRecentRecords<Facts>([], []);
  let lookBack = createLookBack([], []);
  let starting: Promise<Running> | null = null;
  let running: Running | null = null;

  async function startReading(): Promise<Running> {
    const held = await source.bounds();
    place = held.map(({ next }) => next);
    const starts = startsBefore(place, held, recentRecordsMax);
    latest = createRecentRecords(starts, held);
    lookBack = createLookBack(starts, place);
    running = await source.read(starts, async (records) => {
      const once = latest.take(records);
      lookBack.note(records);
      handOut(once.filter(({ partition, position }) => position >= (place[partition] ?? 0n)));
    });
    await Promise.race([lookBack.done, pause(lookBackMsMax, undefined, { ref: false })]);
    return running;
  }

  /** Records of one partition. */
  function handOut(fresh: readonly LiveRecord<Facts>[]): void {
    const last = fresh.at(-1);
    if (last === undefined) return;
    place[last.partition] = last.position + 1n;
    for (const onRecords of listeners) onRecords(fresh);
  }

  async function bounds(): Promise<readonly Bounds[]> {
    const held = await source.bounds();
    return held.map(({ earliest, next }, partition) => {
      // A record may have been read that this slightly older answer does not count yet.
      const seen = place[partition] ?? 0n;
      return { earliest, next: seen > next ? seen : next };
    });
  }

  return {
    async start() {
      starting ??= startReading();
      try {
        await starting;
      } catch (cause) {
        starting = null;
        throw cause;
      }
    },
    bounds,
    place: () => [...place],
    listen(onRecords) {
      listeners.add(onRecords);
      return () => void listeners.delete(onRecords);
    },
    async recent(from) {
      await lookBack.done;
      return latest.reachesBackTo(from) ? latest.from(from) : null;
    },
    reachesBackTo: (from) => latest.reachesBackTo(from),
    isRepeat: (record) => latest.isRepeat(record),
    async lag() {
      if (running === null) return 0n;
      const held = await bounds();
      return held.reduce((sum, { next }, partition) => sum + next - (place[partition] ?? next), 0n);
    },
    problem: () => running?.problem() ?? null,
    async stop() {
      if (starting !== null) await (await starting).stop();
    },
  };
}

/** Whether everything between the starts and a place was read. */
function createLookBack(starts: Vector, place: Vector) {
  const ends = [...place];
  const unread = new Set([...ends.keys()].filter((partition) => (starts[partition] ?? 0n) < (ends[partition] ?? 0n)));
  const { promise, resolve } = Promise.withResolvers<void>();
  if (unread.size === 0) resolve();
  return {
    done: promise,
    note(records: readonly LiveRecord<unknown>[]): void {
      for (const { partition, position } of records) {
        if (position + 1n >= (ends[partition] ?? 0n)) unread.delete(partition);
      }
      if (unread.size === 0) resolve();
    },
  };
}
