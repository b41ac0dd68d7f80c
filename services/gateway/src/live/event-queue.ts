import { refusal } from '../errors.ts';
import type { Vector } from './cursor.ts';
import type { InboxEvent, InboxRecord } from './inbox-record.ts';

/** An event to show, with the place of the stream once it was shown. */
export interface QueuedEvent {
  readonly event: InboxEvent;
  readonly vector: Vector;
}

interface Waiting {
  readonly event: InboxEvent;
  readonly partition: number;
  readonly next: bigint;
  /** Places reached behind this event by records that are not shown. */
  readonly passed: Map<number, bigint>;
}

/** The events one subscriber has yet to see, in order per partition, each record at most once. */
export interface EventQueue {
  /** The next position of a partition that this queue has not taken in. */
  taken(partition: number): bigint;
  /** Takes records in; those it has taken before are dropped. */
  offer(records: readonly InboxRecord[]): void;
  length(): number;
  /** Resolves when the queue is at most this long, or ended. */
  room(lengthMax: number): Promise<void>;
  /** The next event; null once the queue was closed. Rejects once it failed, after the events before. */
  take(): Promise<QueuedEvent | null>;
  /** What will be taken next, up to so many and one at least; none once the queue was closed. Rejects as `take` does. */
  ahead(countMax: number): Promise<readonly InboxEvent[]>;
  fail(cause: unknown): void;
  close(): void;
}

export interface EventQueueOptions {
  readonly from: Vector;
  readonly lengthMax: number;
  isWanted(event: InboxEvent): boolean;
}

export function createEventQueue({ from, lengthMax, isWanted }: EventQueueOptions): EventQueue {
  const takenTo = [...from];
  const shownTo = [...from];
  const waiting: Waiting[] = [];
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

  function pass(partition: number, next: bigint): void {
    const last = waiting.at(-1);
    if (last === undefined) shownTo[partition] = next;
    else last.passed.set(partition, next);
  }

  function takeIn({ partition, position, event }: InboxRecord): void {
    if (position < (takenTo[partition] ?? 0n)) return;
    if (event === null || !isWanted(event)) {
      takenTo[partition] = position + 1n;
      pass(partition, position + 1n);
    } else if (waiting.length >= lengthMax) {
      fail(slowConsumer(lengthMax));
    } else {
      takenTo[partition] = position + 1n;
      waiting.push({ event, partition, next: position + 1n, passed: new Map() });
    }
  }

  /** Waits for an event. */
  async function isAny(): Promise<boolean> {
    while (end !== 'closed') {
      if (waiting.length > 0) return true;
      if (end !== null) throw end.cause;
      await changed.promise;
    }
    return false;
  }

  return {
    taken: (partition) => takenTo[partition] ?? 0n,
    length: () => waiting.length,
    offer(records) {
      for (const record of records) {
        if (end !== null) return;
        takeIn(record);
      }
      wake();
    },
    async room(roomMax) {
      while (end === null && waiting.length > roomMax) await changed.promise;
    },
    async take() {
      const head = (await isAny()) ? waiting.shift() : undefined;
      if (head === undefined) return null;
      shownTo[head.partition] = head.next;
      const vector = [...shownTo];
      for (const [partition, next] of head.passed) shownTo[partition] = next;
      wake();
      return { event: head.event, vector };
    },
    ahead: async (countMax) => ((await isAny()) ? waiting.slice(0, countMax).map(({ event }) => event) : []),
    fail,
    close() {
      end = 'closed';
      waiting.length = 0;
      wake();
    },
  };
}

function slowConsumer(lengthMax: number): Error {
  return refusal(
    'SLOW_CONSUMER',
    `more than ${lengthMax} events wait for this subscriber: subscribe again with \`after\` set to the last cursor it has seen`,
    { limit: lengthMax, unit: 'events' },
  );
}
