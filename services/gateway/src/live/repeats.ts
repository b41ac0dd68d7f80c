import type { LiveRecord } from './live-record.ts';
import type { Vector } from './stream-partitions.ts';

/**
 * A relay that died between publishing and marking publishes its last batch again: a repeat is at most this many
 * records after the first copy, the largest batch of a relay.
 */
export const repeatDistanceMax = 500;

/** Knows the events of the latest records of each partition, so that a repeated event is not shown again. */
export interface Repeats {
  /**
   * Takes in a record; true when its event came before. Call it once for each record, in the order of the partition.
   */
  note(record: LiveRecord<unknown>): boolean;
  /** Whether the event of a record came before it, as far as is known. */
  isKnown(record: LiveRecord<unknown>): boolean;
  /** The position from which the repeats of a partition are known. */
  knownFrom(partition: number): bigint;
}

/** `beginning`: the beginning of the log; before it there was nothing. */
export function createRepeats(from: Vector, recordsKept: number, beginning: Vector = []): Repeats {
  const latest = from.map((position) => ({ position, events: new Map<string, { first: bigint; last: bigint }>() }));
  return {
    note({ partition, position, event }) {
      const kept = latest[partition];
      if (kept === undefined || event === null) return false;
      const before = kept.events.get(event.id);
      // Moved to the end: a relay that dies again repeats the repeat.
      kept.events.delete(event.id);
      kept.events.set(event.id, { first: before?.first ?? position, last: position });
      const oldest = position - BigInt(recordsKept);
      if (oldest > kept.position) kept.position = oldest;
      for (const [id, { last }] of kept.events) {
        if (last >= kept.position) break;
        kept.events.delete(id);
      }
      return before !== undefined && before.first < position;
    },
    isKnown({ partition, position, event }) {
      const known = event === null ? undefined : latest[partition]?.events.get(event.id);
      return known !== undefined && known.first < position;
    },
    knownFrom(partition) {
      const position = latest[partition]?.position ?? 0n;
      return position === beginning[partition] ? position : position + BigInt(repeatDistanceMax);
    },
  };
}
