import { refusal } from '../errors.ts';
import { type BacklogOptions, createBacklog, type QueuedEvent } from './event-backlog.ts';
import type { LiveEvent, LiveRecord } from './live-record.ts';

/** A backlog that is filled from the log while one subscriber is shown its events. */
export interface EventQueue<Facts> {
  /** The next position of a partition that this queue has not taken in. */
  taken(partition: number): bigint;
  /** Takes in records; drops those it has taken in before. */
  offer(records: readonly LiveRecord<Facts>[]): void;
  length(): number;
  /** Resolves when the queue is at most this long, or has ended. */
  room(lengthMax: number): Promise<void>;
  /** The next event; null once the queue was closed. Rejects once it failed, after all earlier events. */
  take(): Promise<QueuedEvent<Facts> | null>;
  /** The next events, at least one and at most this many; none once the queue was closed. Rejects as `take` does. */
  ahead(countMax: number): Promise<readonly LiveEvent<Facts>[]>;
  fail(cause: unknown): void;
  close(): void;
}

export function createEventQueue<Facts>(options: BacklogOptions<Facts>): EventQueue<Facts> {
  const backlog = createBacklog(options);
  let end: { readonly cause: unknown } | 'closed' | null = null;
  let changed = Promise.withResolvers<void>();

  function wake(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function fail(cause: unknown): void {
    end ??= { cause };
    wake();
  }

  /** Waits for an event; false once the queue was closed. */
  async function isAny(): Promise<boolean> {
    while (end !== 'closed') {
      if (backlog.length() > 0) return true;
      if (end !== null) throw end.cause;
      await changed.promise;
    }
    return false;
  }

  return {
    taken: backlog.taken,
    length: backlog.length,
    offer(records) {
      for (const record of records) {
        if (end !== null) return;
        if (!backlog.takeIn(record)) fail(slowConsumer(options.lengthMax));
      }
      wake();
    },
    async room(roomMax) {
      while (end === null && backlog.length() > roomMax) await changed.promise;
    },
    async take() {
      const queued = (await isAny()) ? backlog.takeOut() : null;
      wake();
      return queued;
    },
    ahead: async (countMax) => ((await isAny()) ? backlog.ahead(countMax) : []),
    fail,
    close() {
      end = 'closed';
      backlog.clear();
      wake();
    },
  };
}

function slowConsumer(lengthMax: number): Error {
  return refusal(
    'SLOW_CONSUMER',
    `more than ${lengthMax} events wait for this subscriber: subscribe again with \`after\` set to the last cursor it received`,
    { limit: lengthMax, unit: 'events' },
  );
}
