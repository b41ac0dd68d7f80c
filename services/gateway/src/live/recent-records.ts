import type { LiveRecord } from './live-record.ts';
import type { Bounds } from './record-source.ts';
import { createRepeats, repeatDistanceMax } from './repeats.ts';
import type { Vector } from './stream-partitions.ts';

/**
 * Twice the distance of a repeat: for a reader who is slightly behind, the records before their place are there as
 * well.
 */
export const recentRecordsMax = 2 * repeatDistanceMax;

/** The latest records of each partition, to recognise repeats and to serve readers who were away for a short time. */
export interface RecentRecords<Facts> {
  /** Takes in records, in the order of their partition, and returns them without the events that came before. */
  take(records: readonly LiveRecord<Facts>[]): readonly LiveRecord<Facts>[];
  /** Whether all records from there on are here, and enough before it to recognise repeats. */
  reachesBackTo(from: Vector): boolean;
  from(from: Vector): readonly LiveRecord<Facts>[];
  isRepeat(record: LiveRecord<Facts>): boolean;
}

/** `starts`: where each partition is read from. `held`: the bounds of the log; before them there was nothing. */
export function createRecentRecords<Facts>(starts: Vector, held: readonly Bounds[]): RecentRecords<Facts> {
  const beginning = held.map(({ earliest }) => earliest);
  const repeats = createRepeats(starts, recentRecordsMax, beginning);
  const kept = starts.map((): LiveRecord<Facts>[] => []);
  return {
    take(records) {
      const once = records.map((record) => (repeats.note(record) ? { ...record, event: null } : record));
      for (const record of once) kept[record.partition]?.push(record);
      for (const some of kept) some.splice(0, some.length - recentRecordsMax);
      return once;
    },
    reachesBackTo: (from) => from.every((position, partition) => position >= repeats.knownFrom(partition)),
    from: (from) =>
      kept.flatMap((some, partition) => some.filter(({ position }) => position >= (from[partition] ?? 0n))),
    isRepeat: (record) => repeats.isKnown(record),
  };
}
