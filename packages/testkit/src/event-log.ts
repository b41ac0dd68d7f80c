import {
  type AnyEvent,
  decodeEvent,
  type EventOf,
  type EventType,
  type TopicName,
  topicNames,
} from '@crossdesk/contracts';
import type { Broker } from '@crossdesk/service-kit';
import { inSeconds, startStopwatch } from './waiting/stopwatch.ts';
import { sourceOf, waitFor } from './waiting/wait-for.ts';

export interface EventLog {
  readonly all: readonly AnyEvent[];
  of<T extends EventType>(type: T): EventOf<T>[];
  /**
   * The first event of the type that matches, past or future. Rejects with the events it saw when none comes in time.
   */
  next<T extends EventType>(type: T, matches?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>;
  /** Waits until `count` matching events of the type have come. */
  count<T extends EventType>(type: T, count: number, matches?: (event: EventOf<T>) => boolean): Promise<EventOf<T>[]>;
  stop(): Promise<void>;
}

/** Collects everything that is published from now on. */
export async function watchEvents(
  broker: Pick<Broker, 'tail'>,
  topics: readonly TopicName[] = topicNames,
): Promise<EventLog> {
  const all: AnyEvent[] = [];
  const lately = startArrivals();
  const listeners = new Set<() => void>();
  const running = await broker.tail({ topics, from: {}, batchSizeMax: 1_000 }, async (batch) => {
    for (const record of batch.records) {
      try {
        const event = decodeEvent(record.value);
        all.push(event);
        lately.came(event.type);
      } catch {
        // Tests publish broken records on purpose; these are not events.
      }
    }
    for (const listener of listeners) listener();
  });

  function isOf<T extends EventType>(type: T) {
    return (event: AnyEvent): event is AnyEvent & EventOf<T> => event.type === type;
  }

  async function count<T extends EventType>(
    type: T,
    wanted: number,
    matches: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>[]> {
    const ofType = () => all.filter(isOf(type));
    const found = () => ofType().filter((event) => matches(event));
    const came = Promise.withResolvers<void>();
    const look = (): void => {
      if (found().length >= wanted) came.resolve();
    };
    listeners.add(look);
    look();
    const progress = () => `${found().length} came of ${ofType().length} of that type; ${lately.says()}`;
    try {
      await waitFor(`${wanted} of ${type}, where ${sourceOf(matches)}`, came.promise, { progress });
      return found();
    } finally {
      listeners.delete(look);
    }
  }

  return {
    all,
    of: (type) => all.filter(isOf(type)),
    count,
    next: async (type, matches) => {
      const [first] = await count(type, 1, matches);
      if (first === undefined) throw new Error('unreachable: count resolved empty');
      return first;
    },
    stop: running.stop,
  };
}

/** When the last events came, and which, for the message of a time-out. */
function startArrivals(): { came(type: EventType): void; says(): string } {
  const latest: EventType[] = [];
  let total = 0;
  let since = startStopwatch();
  return {
    came(type) {
      total += 1;
      since = startStopwatch();
      latest.push(type);
      if (latest.length > 10) latest.shift();
    },
    says: () =>
      total === 0
        ? 'no event at all came'
        : `of all ${total} events the last came ${inSeconds(since.wallMs())} ago: ${latest.join(', ')}`,
  };
}
