import { type TopicName, topics } from '@crossdesk/contracts';
import type { Broker, Logger, Positions, Running } from '@crossdesk/service-kit';
import { type LiveRecord, readEvent } from './live-record.ts';
import type { StreamDeclaration } from './stream-declaration.ts';
import { numberOf, partitionsOf, type Vector } from './stream-partitions.ts';

export interface Bounds {
  readonly earliest: bigint;
  readonly next: bigint;
}

/** The log as one stream sees it: the records of its topics. */
export interface RecordSource<Facts> {
  /** The bounds of each partition on the log. */
  bounds(): Promise<readonly Bounds[]>;
  /** Reads from there on, in the order of each partition; the next records wait for the promise. */
  read(from: Vector, onRecords: (records: readonly LiveRecord<Facts>[]) => Promise<void>): Promise<Running>;
}

const batchSizeMax = 200;

export function createRecordSource<Facts>(
  { topics: names, shown }: Pick<StreamDeclaration<Facts>, 'topics' | 'shown'>,
  broker: Pick<Broker, 'tail' | 'bounds'>,
  log: Logger,
): RecordSource<Facts> {
  const places = partitionsOf(names);

  async function boundsOf(topic: TopicName): Promise<readonly Bounds[]> {
    const held = await broker.bounds(topic);
    return Array.from(
      { length: topics[topic].partitions },
      (_, partition) => held.get(partition) ?? { earliest: 0n, next: 0n },
    );
  }

  function positionsOf(vector: Vector): Positions {
    const positions: Record<string, Record<number, bigint>> = {};
    for (const [number, { topic, partition }] of places.entries())
      (positions[topic] ??= {})[partition] = vector[number] ?? 0n;
    return positions;
  }

  return {
    bounds: async () => (await Promise.all(names.map(boundsOf))).flat(),
    read: (from, onRecords) =>
      broker.tail({ topics: names, from: positionsOf(from), batchSizeMax }, ({ records }) =>
        onRecords(
          records.map((record) => ({
            partition: numberOf(places, record.topic, record.partition),
            position: record.position,
            event: readEvent(shown, record, log),
          })),
        ),
      ),
  };
}

/** The place this many records earlier, or the beginning of the log. */
export function startsBefore(from: Vector, held: readonly Bounds[], records: number): Vector {
  return from.map((position, partition) => {
    const earliest = held[partition]?.earliest ?? 0n;
    const start = position - BigInt(records);
    return start > earliest ? start : earliest;
  });
}
