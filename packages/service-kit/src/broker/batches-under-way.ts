import type { IncomingRecord } from './broker.port.ts';

/** Consecutive records of one partition. */
export interface Part {
  readonly records: readonly IncomingRecord[];
  /** Whether the last batch with this partition failed. */
  readonly isFailing: boolean;
}

/** Of one batch: a heavy key must not fill the memory. */
export const batchBytesMax = 512 * 1024;
/** A batch that takes longer waits for a lock: the partitions that are not in it must not wait for it. */
const patienceMs = 100;

/**
 * How many of the waiting parts make the next batch: at least one, and others as long as the records and bytes allow. A
 * partition whose last batch failed is tried alone, so that it does not hold up the others.
 */
export function partsOfBatch(waiting: readonly Part[], recordsMax: number): number {
  let records = 0;
  let bytes = 0;
  const end = waiting.findIndex((part, index) => {
    records += part.records.length;
    bytes += part.records.reduce((sum, { value }) => sum + value.length, 0);
    const isFailing = part.isFailing || waiting[0]?.isFailing === true;
    return index > 0 && (isFailing || records > recordsMax || bytes > batchBytesMax);
  });
  return end === -1 ? waiting.length : end;
}

/** The batches of one consumer that are worked on. Each holds a database connection of its service. */
export interface BatchesUnderWay {
  /** Usually one at a time: what arrives meanwhile is the next batch, and two small ones take as long as one large one. */
  mayBegin(): boolean;
  begin(work: () => Promise<void>): void;
  done(): Promise<void>;
}

/** `onRoom` is called when a batch has ended, and when one takes so long that another may begin beside it. */
export function createBatchesUnderWay(atOnceMax: number, onRoom: () => void): BatchesUnderWay {
  const underWay = new Set<Promise<void>>();
  let begunAt = 0;
  return {
    mayBegin: () => underWay.size === 0 || (underWay.size < atOnceMax && performance.now() - begunAt >= patienceMs),
    begin(work) {
      begunAt = performance.now();
      const impatient = setTimeout(onRoom, patienceMs);
      const job = work().finally(() => {
        clearTimeout(impatient);
        underWay.delete(job);
        onRoom();
      });
      underWay.add(job);
    },
    done: async () => void (await Promise.all(underWay)),
  };
}
