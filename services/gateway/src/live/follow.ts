import type { Running } from '@crossdesk/service-kit';
import type { EventQueue } from './event-queue.ts';
import type { LiveRecord } from './live-record.ts';
import type { StreamLog } from './stream-log.ts';
import type { Vector } from './stream-partitions.ts';

/**
 * Feeds a queue from its place on: from the memory of the shared tail, or with a separate tail if the memory does not
 * reach back far enough, until it is level with the shared tail, then live. After a short outage thousands come back at
 * once, and a tail for each is too much for a broker (2,000 on Kafka: 1.4 GB here, and less than half back after 100
 * s). Returns a function that stops it.
 */
export function follow<Facts>(
  log: Pick<StreamLog<Facts>, 'place' | 'listen' | 'recent' | 'tail'>,
  from: Vector,
  queue: EventQueue<Facts>,
  catchUpLengthMax: number,
): () => Promise<void> {
  let unlisten: (() => void) | null = null;
  let own: Running | null = null;
  let isStopped = false;

  /** Synchronous, so that no record is passed on between the comparison and the start of listening. */
  function joinIfLevel(): boolean {
    if (unlisten !== null) return true;
    if (!log.place().every((next, partition) => queue.taken(partition) >= next)) return false;
    unlisten = log.listen(queue.offer);
    return true;
  }

  async function stopOwn(): Promise<void> {
    const tail = own;
    own = null;
    await tail?.stop();
  }

  /** Offers records as the reader makes room; false once it was stopped. */
  async function handOn(records: readonly LiveRecord<Facts>[]): Promise<boolean> {
    for (const record of records) {
      await queue.room(catchUpLengthMax);
      if (isStopped) return false;
      queue.offer([record]);
    }
    return true;
  }

  async function catchUp(): Promise<void> {
    while (!joinIfLevel()) {
      const records = await log.recent(from.map((_, partition) => queue.taken(partition)));
      if (isStopped) return;
      // Empty although the shared tail is ahead: the next positions have no record, and only a later record moves past
      // them.
      if (records === null || records.length === 0) return readOwn();
      if (!(await handOn(records))) return;
    }
  }

  async function readOwn(): Promise<void> {
    const place = from.map((_, partition) => queue.taken(partition));
    own = await log.tail(place, async (records) => {
      if (isStopped || unlisten !== null || !(await handOn(records))) return;
      // Not awaited: stopping a tail waits for its current batch, which is this one.
      if (joinIfLevel()) stopOwn().catch(queue.fail);
    });
    // The tail may have become level with the shared one before `own` was set.
    if (unlisten !== null || isStopped) await stopOwn();
  }

  // Not awaited: it waits for room, and the reader makes room only after this function returned.
  catchUp().catch(queue.fail);

  return async () => {
    isStopped = true;
    unlisten?.();
    queue.close();
    await stopOwn();
  };
}
