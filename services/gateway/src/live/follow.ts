import type { Running } from '@crossdesk/service-kit';
import type { Vector } from './cursor.ts';
import type { EventQueue } from './event-queue.ts';
import type { InboxLog } from './inbox-log.ts';

/**
 * Feeds a queue from its own place on: with a tail of its own until that meets the shared one, then live.
 * Returns how to stop.
 */
export async function follow(
  inbox: InboxLog,
  from: Vector,
  queue: EventQueue,
  catchUpLengthMax: number,
): Promise<() => Promise<void>> {
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

  if (!joinIfLevel()) {
    own = await inbox.tail(from, async (records) => {
      if (isStopped || unlisten !== null) return;
      for (const record of records) {
        await queue.room(catchUpLengthMax);
        if (isStopped) return;
        queue.offer([record]);
      }
      // Stopping a tail waits for the batch in hand, and this is that batch: so not awaited here.
      if (joinIfLevel()) stopOwn().catch(queue.fail);
    });
    // The tail may have met the shared one before it was known here.
    if (unlisten !== null || isStopped) await stopOwn();
  }

  return async () => {
    isStopped = true;
    unlisten?.();
    queue.close();
    await stopOwn();
  };
}
