import { type AnyEvent, type EventId, type TopicName, topicNames, topics } from '@crossdesk/contracts';
import type { Broker, IncomingRecord, OnBatch, Tail } from '@crossdesk/service-kit';

interface Reader {
  wake(): void;
}

interface Held {
  readonly records: IncomingRecord[];
  earliest: bigint;
}

/** One partition of a topic. */
export interface Place {
  readonly topic: TopicName;
  readonly partition: number;
}

/** The partitions of some topics, one topic after another, as a stream numbers them. */
export function placesOf(names: readonly TopicName[]): readonly Place[] {
  return names.flatMap((topic) =>
    Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition })),
  );
}

/** The log in memory: every tail reads at its own pace, in order per partition, in batches. */
export function createMemoryLog() {
  const nameOf = ({ topic, partition }: Place) => `${topic}/${partition}`;
  const held = new Map(placesOf(topicNames).map((place) => [nameOf(place), { records: [], earliest: 0n } as Held]));
  const readers = new Set<Reader>();

  function at(place: Place): Held {
    const found = held.get(nameOf(place));
    if (found === undefined) throw new Error(`there is no ${nameOf(place)}`);
    return found;
  }

  const broker: Pick<Broker, 'tail' | 'bounds'> = {
    async bounds(topic) {
      return new Map(
        placesOf([topic]).map((place) => {
          const { earliest, records } = at(place);
          return [place.partition, { earliest, next: BigInt(records.length) }];
        }),
      );
    },
    async tail(spec, onBatch) {
      const stopping = new AbortController();
      const reading = readOn({ at, readers }, spec, onBatch, stopping.signal);
      return {
        problem: () => null,
        async stop() {
          stopping.abort();
          for (const reader of readers) reader.wake();
          await reading;
        },
      };
    },
  };

  /** Appends raw bytes to a partition. */
  function append(place: Place, value: Uint8Array): void {
    const { records } = at(place);
    records.push({ ...place, position: BigInt(records.length), key: '', value, headers: {} });
    for (const reader of readers) reader.wake();
  }

  return {
    broker,
    append,
    publish(place: Place, event: AnyEvent): EventId {
      append(place, Buffer.from(JSON.stringify(event)));
      return event.id;
    },
    /** Repeats the latest record, like a relay that died before it marked what it had published. */
    repeat(place: Place): void {
      const last = at(place).records.at(-1);
      if (last !== undefined) append(place, last.value);
    },
    /** Removes the positions before this one, like retention. */
    forgetBefore(place: Place, position: bigint): void {
      at(place).earliest = position;
    },
    readerCount: () => readers.size,
  };
}

/** One tail, until it is aborted. */
async function readOn(
  { at, readers }: { at(place: Place): Held; readonly readers: Set<Reader> },
  { topics: names, from, batchSizeMax }: Tail,
  onBatch: OnBatch,
  signal: AbortSignal,
) {
  const places = placesOf(names).map((place) => ({
    ...place,
    next: Number(from[place.topic]?.[place.partition] ?? 0n),
  }));
  let changed = Promise.withResolvers<void>();
  const reader = {
    wake: () => {
      changed.resolve();
      changed = Promise.withResolvers();
    },
  };
  readers.add(reader);
  while (!signal.aborted) {
    const { promise } = changed;
    let wasIdle = true;
    for (const place of places) {
      const { next } = place;
      const records = at(place).records.slice(next, next + Math.min(batchSizeMax, 17));
      if (records.length === 0 || signal.aborted) continue;
      wasIdle = false;
      await onBatch({ records, signal, heartbeat: async () => undefined });
      place.next += records.length;
    }
    if (wasIdle && !signal.aborted) await promise;
  }
  readers.delete(reader);
}
