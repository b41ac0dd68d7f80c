import { topics } from '@crossdesk/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Broker, Logger, Running } from '@crossdesk/service-kit';
import type { Bounds, Vector } from './cursor.ts';
import { type InboxRecord, readInboxRecord } from './inbox-record.ts';
import { createRepeats, repeatDistanceMax } from './repeats.ts';

const inboxTopic = 'conversation.conversation';
const partitions = topics[inboxTopic].partitions;
const batchSizeMax = 200;

/** A log that does not answer in this time is read without looking back: a double then is better than no stream. */
const lookBackMsMax = 5_000;

export type OnRecords = (records: readonly InboxRecord[]) => void;

/** The conversation topic as this process sees it: one tail for all live subscribers, and tails of their own to catch up. */
export interface InboxLog {
  bounds(): Promise<readonly Bounds[]>;
  /** Starts the shared tail unless it runs; resolves once it has a place and knows what came before it. */
  start(): Promise<void>;
  /** Where the shared tail stands: the next position it will hand out, by partition. */
  place(): Vector;
  /** From the next record of the shared tail on. Returns how to stop listening. */
  listen(onRecords: OnRecords): () => void;
  /**
   * What the shared tail read from there on, in the order of each partition; null where it does not reach back so far.
   * Waits until the tail knows what came before its place.
   */
  recent(from: Vector): Promise<readonly InboxRecord[] | null>;
  /** A tail for one reader, from its own place on; the next batch waits for the promise. */
  tail(from: Vector, onRecords: (records: readonly InboxRecord[]) => Promise<void>): Promise<Running>;
  /** Records that the shared tail has not handed out yet; 0 while nobody listens. */
  lag(): Promise<bigint>;
  problem(): string | null;
  stop(): Promise<void>;
}

export function createInboxLog(broker: Pick<Broker, 'tail' | 'bounds'>, log: Logger): InboxLog {
  const listeners = new Set<OnRecords>();
  let place: bigint[] = [];
  let shared: Promise<Running> | null = null;
  let running: Running | null = null;
  /** Of the shared tail: twice the distance, so that a reader who is not far behind finds what came before him as well. */
  let repeats = createRepeats([], 0);
  /** The same records, by partition, for readers who come back. */
  let kept: readonly InboxRecord[][] = [];
  const lookedBack = Promise.withResolvers<void>();

  async function bounds(): Promise<readonly Bounds[]> {
    const held = await broker.bounds(inboxTopic);
    return Array.from({ length: partitions }, (_, partition) => {
      const { earliest, next } = held.get(partition) ?? { earliest: 0n, next: 0n };
      // The shared tail may have seen a record that this answer, read a moment earlier, does not count yet.
      const seen = place[partition] ?? 0n;
      return { earliest, next: seen > next ? seen : next };
    });
  }

  const read = (from: Vector, onRecords: (records: readonly InboxRecord[]) => Promise<void>): Promise<Running> =>
    broker.tail(
      { topics: [inboxTopic], from: { [inboxTopic]: Object.fromEntries(from.entries()) }, batchSizeMax },
      (batch) => onRecords(batch.records.map((record) => readInboxRecord(record, log))),
    );

  const tail: InboxLog['tail'] = async (from, onRecords) => {
    // Who was away for long reads what came before his place himself, to know what comes again behind it.
    const isFar = from.some((position, partition) => position < repeats.knownFrom(partition));
    const starts = isFar ? startsBefore(from, await bounds(), repeatDistanceMax) : from;
    const own = createRepeats(starts, repeatDistanceMax);
    return read(starts, async (records) => {
      const once = records.map((record) => {
        const isRepeat = own.note(record);
        return isRepeat || repeats.isKnown(record) ? { ...record, event: null } : record;
      });
      await onRecords(once.filter(({ partition, position }) => position >= (from[partition] ?? 0n)));
    });
  };

  async function startShared(): Promise<Running> {
    const held = await bounds();
    place = held.map(({ next }) => next);
    const starts = startsBefore(place, held, 2 * repeatDistanceMax);
    const beginning = held.map(({ earliest }) => earliest);
    repeats = createRepeats(starts, 2 * repeatDistanceMax, beginning);
    kept = starts.map(() => []);
    const unread = new Set(
      [...place.keys()].filter((partition) => (starts[partition] ?? 0n) < (place[partition] ?? 0n)),
    );
    running = await read(starts, async (records) => {
      const once = records.map((record) => (repeats.note(record) ? { ...record, event: null } : record));
      keep(once);
      const fresh = once.filter(({ partition, position }) => position >= (place[partition] ?? 0n));
      for (const { partition, position } of records) {
        if (position + 1n >= (place[partition] ?? 0n)) unread.delete(partition);
      }
      if (unread.size === 0) lookedBack.resolve();
      const last = fresh.at(-1);
      if (last === undefined) return;
      place[last.partition] = last.position + 1n;
      for (const onRecords of listeners) onRecords(fresh);
    });
    if (unread.size === 0) lookedBack.resolve();
    await Promise.race([lookedBack.promise, pause(lookBackMsMax, undefined, { ref: false })]);
    return running;
  }

  function keep(records: readonly InboxRecord[]): void {
    for (const record of records) kept[record.partition]?.push(record);
    for (const some of kept) some.splice(0, some.length - 2 * repeatDistanceMax);
  }

  return {
    bounds,
    tail,
    async start() {
      shared ??= startShared();
      try {
        await shared;
      } catch (cause) {
        shared = null;
        throw cause;
      }
    },
    place: () => [...place],
    async recent(from) {
      await lookedBack.promise;
      if (from.some((position, partition) => position < repeats.knownFrom(partition))) return null;
      return kept.flatMap((some, partition) => some.filter(({ position }) => position >= (from[partition] ?? 0n)));
    },
    listen(onRecords) {
      listeners.add(onRecords);
      return () => void listeners.delete(onRecords);
    },
    async lag() {
      if (running === null) return 0n;
      const held = await bounds();
      return held.reduce((sum, { next }, partition) => sum + next - (place[partition] ?? next), 0n);
    },
    problem: () => running?.problem() ?? null,
    async stop() {
      if (shared !== null) await (await shared).stop();
    },
  };
}

function startsBefore(from: Vector, held: readonly Bounds[], records: number): Vector {
  return from.map((position, partition) => {
    const earliest = held[partition]?.earliest ?? 0n;
    const start = position - BigInt(records);
    return start > earliest ? start : earliest;
  });
}
