import type { Running } from '@crossdesk/service-kit';
import type { LiveRecord } from './live-record.ts';
import { type RecordSource, startsBefore } from './record-source.ts';
import { createRepeats, repeatDistanceMax } from './repeats.ts';
import { createSharedTail, type SharedTail } from './shared-tail.ts';
import type { Vector } from './stream-partitions.ts';

/** A stream's topics as this process reads them: one tail for all live subscribers, and separate tails to catch up. */
export interface StreamLog<Facts> extends SharedTail<Facts> {
  /** A tail for one reader, from their place on; the next records wait for the promise. */
  tail(from: Vector, onRecords: (records: readonly LiveRecord<Facts>[]) => Promise<void>): Promise<Running>;
}

export function createStreamLog<Facts>(source: RecordSource<Facts>): StreamLog<Facts> {
  const shared = createSharedTail(source);
  return {
    ...shared,
    async tail(from, onRecords) {
      // A reader who was away for long also reads the records before their place, to recognise later repeats of them.
      const starts = shared.reachesBackTo(from) ? from : startsBefore(from, await shared.bounds(), repeatDistanceMax);
      const own = createRepeats(starts, repeatDistanceMax);
      return source.read(starts, async (records) => {
        const once = records.map((record) => {
          const isRepeat = own.note(record);
          return isRepeat || shared.isRepeat(record) ? { ...record, event: null } : record;
        });
        await onRecords(once.filter(({ partition, position }) => position >= (from[partition] ?? 0n)));
      });
    },
  };
}
