import type { Running } from '@crossdesk/service-kit';
import type { Vector } from './cursor.ts';
import type { EventQueue } from './event-queue.ts';
import type { InboxLog } from './inbox-log.ts';
import type { InboxRecord } from './inbox-record.ts';

/**
 * Feeds a queue from its own place on: from what the shared tail remembers, or with a tail of its own where that does not
 * reach, until it meets the shared one, then live. Thousands who come back after an outage were away for a moment: a tail
 * for each is more than a broker bears (2,000 on Kafka: 1.4 GB here and not half of them back after 100 s).
 * Returns how to stop.
 */
export function follow(
  inbox: InboxLog,
  from: Vector,
  queue: EventQueue,
  catchUpLengthMax: number,
): () => Promise<void> {
  let unlisten: (() => void) | null = null;
  let own: Running | null = null;
  let isStopped = false;

  /** Runs without a pause between looking and listening, so that no record slips between the two. */
  function joinIfLevel(): boolean {
    if (unlisten !== null) return true;
    if (!inbox.place().every((next, partition) => queue.taken(partition) >= next)) return false;
    unlisten = inbox.listen(queue.offer);
    return true;
  }

  async function stopOwn(): Promise<void> {
    const tail = own;
    own = null;
    await tail?.stop();
  }

  /** Hands on what there is as the reader takes it; false once nobody reads any more. */
  async function handOn(records: readonly InboxRecord[]): Promise<boolean> {
    for (const record of records) {
      await queue.room(catchUpLengthMax);
      if (isStopped) return false;
      queue.offer([record]);
    }
    return true;
  }

  async function catchUp(): Promise<void> {
    while (!joinIfLevel()) {
      const records = await inbox.recent(from.map((_, partition) => queue.taken(partition)));
      if (isStopped) return;
      // Nothing although there is more to come: positions without a record, which only the next record gets over.
      if (records === null || records.length === 0) return readOwn();
      if (!(await handOn(records))) return;
    }
  }

  async function readOwn(): Promise<void> {
    const place = from.map((_, partition) => queue.taken(partition));
    own = await inbox.tail(place, async (records) => {
      if (isStopped || unlisten !== null || !(await handOn(records))) return;
      // Stopping a tail waits for the batch in hand, and this is that batch: so not awaited here.
      if (joinIfLevel()) stopOwn().catch(queue.fail);
    });
    // The tail may have met the shared one before it was known here.
    if (unlisten !== null || isStopped) await stopOwn();
  }

  // Not awaited: what it hands on has to be taken before there is room for more.
  catchUp().catch(queue.fail);

  return async () => {
    isStopped = true;
    unlisten?.();
    queue.close();
    await stopOwn();
  };
}
