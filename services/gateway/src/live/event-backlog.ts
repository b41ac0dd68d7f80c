import type { LiveEvent, LiveRecord } from './live-record.ts';
import type { Vector } from './stream-partitions.ts';

/** An event to show, with the place of the reader after it is shown. */
export interface QueuedEvent<Facts> {
  readonly event: LiveEvent<Facts>;
  readonly vector: Vector;
}

interface Waiting<Facts> {
  readonly event: LiveEvent<Facts>;
  readonly partition: number;
  readonly next: bigint;
  /** Places reached after this event by records that are not shown. */
  readonly passed: Map<number, bigint>;
}

/** The events one subscriber has not seen yet, in order per partition, each record at most once. */
export interface EventBacklog<Facts> {
  /** The next position of a partition that was not taken in. */
  taken(partition: number): bigint;
  /** Takes in a record, unless it was taken in before; false when there is no room for its event. */
  takeIn(record: LiveRecord<Facts>): boolean;
  length(): number;
  /** The next events to be taken out. */
  ahead(countMax: number): readonly LiveEvent<Facts>[];
  takeOut(): QueuedEvent<Facts> | null;
  clear(): void;
}

export interface BacklogOptions<Facts> {
  readonly from: Vector;
  readonly lengthMax: number;
  isWanted(event: LiveEvent<Facts>): boolean;
  /** Of the events behind the next one, keeps the latest only. The next one may be in question already. */
  readonly keepsLatest?: boolean;
}

export function createBacklog<Facts>({
  from,
  lengthMax,
  isWanted,
  keepsLatest = false,
}: BacklogOptions<Facts>): EventBacklog<Facts> {
  const takenTo = [...from];
  const shownTo = [...from];
  const waiting: Waiting<Facts>[] = [];

  /** A record that is not shown advances the place only when the events before it were shown. */
  function pass(partition: number, next: bigint): void {
    const last = waiting.at(-1);
    if (last === undefined) shownTo[partition] = next;
    else last.passed.set(partition, next);
  }

  /** What a later event makes needless is passed when that one is shown. */
  function replaceLatest(event: LiveEvent<Facts>, partition: number, next: bigint): void {
    const needless = waiting.length > 1 ? waiting.pop() : undefined;
    if (needless !== undefined) {
      for (const [at, place] of needless.passed) pass(at, place);
      pass(needless.partition, needless.next);
    }
    waiting.push({ event, partition, next, passed: new Map() });
  }

  return {
    taken: (partition) => takenTo[partition] ?? 0n,
    takeIn({ partition, position, event }) {
      if (position < (takenTo[partition] ?? 0n)) return true;
      const next = position + 1n;
      if (event === null || !isWanted(event)) pass(partition, next);
      else if (keepsLatest) replaceLatest(event, partition, next);
      else if (waiting.length >= lengthMax) return false;
      else waiting.push({ event, partition, next, passed: new Map() });
      takenTo[partition] = next;
      return true;
    },
    length: () => waiting.length,
    ahead: (countMax) => waiting.slice(0, countMax).map(({ event }) => event),
    takeOut() {
      const head = waiting.shift();
      if (head === undefined) return null;
      shownTo[head.partition] = head.next;
      const vector = [...shownTo];
      for (const [partition, next] of head.passed) shownTo[partition] = next;
      return { event: head.event, vector };
    },
    clear: () => void (waiting.length = 0),
  };
}
