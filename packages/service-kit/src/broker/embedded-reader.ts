import type { Pool } from 'pg';
import { type Part, partsOfBatch } from './batches-under-way.ts';
import { mayBeMore, readRecords } from './embedded-read.ts';
import type { Held, HeldPartitions } from './held-partitions.ts';

/** Consecutive records of one partition, with its lease. */
export interface LeasedPart extends Part {
  readonly lease: Held;
}

interface ReaderDeps {
  readonly pool: Pool;
  readonly held: Pick<HeldPartitions, 'list' | 'find' | 'has'>;
  readonly pollMs: number;
  readonly batchSizeMax: number;
}

export interface GroupReader {
  /** Records have arrived, or are to be tried again: the next batch needs a new read. */
  arrived(): void;
  /** The next batch, of partitions that nobody works on; empty when there is nothing to do. */
  next(): Promise<readonly LeasedPart[]>;
}

/** Reads the partitions of a member of a group, all free ones at once. Every record read is worked on, in its turn. */
export function createGroupReader({ pool, held, pollMs, batchSizeMax }: ReaderDeps): GroupReader {
  let waiting: LeasedPart[] = [];
  let readAt = 0;
  /** There may be records that the last read did not return. */
  let isBehind = true;

  async function read(): Promise<void> {
    readAt = performance.now();
    const free = held.list().filter((lease) => !lease.isBusy && lease.retryAt <= readAt);
    isBehind = free.length < held.list().length;
    try {
      for (const records of await readRecords(pool, free, batchSizeMax)) {
        isBehind ||= mayBeMore(records, batchSizeMax);
        const lease = held.find(records[0]);
        if (lease === null) continue;
        lease.isBusy = true;
        waiting.push({ lease, records, isFailing: lease.failures > 0 });
      }
    } catch (error) {
      isBehind = true;
      throw error;
    }
  }

  return {
    arrived: () => {
      isBehind = true;
    },
    async next() {
      if (waiting.length === 0 && (isBehind || performance.now() - readAt >= pollMs)) await read();
      // A partition that was taken away while it waited is read again by whoever holds it now.
      waiting = waiting.filter(({ lease }) => held.has(lease));
      return waiting.splice(0, partsOfBatch(waiting, batchSizeMax));
    },
  };
}
