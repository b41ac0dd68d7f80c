import { type TopicName, topics } from '@crossdesk/contracts';

/** The next position to read of every partition of a stream, by its number in the stream. */
export type Vector = readonly bigint[];

interface Place {
  readonly topic: TopicName;
  readonly partition: number;
}

/**
 * The partitions of a stream's topics, numbered one topic after another: with topics of 6 and 2 partitions, number 7 is
 * partition 1 of the second. The numbers of partitions are those of the contracts; cursors depend on this order.
 */
export function partitionsOf(names: readonly TopicName[]): readonly Place[] {
  return names.flatMap((topic) =>
    Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition })),
  );
}

/** @throws Error for a partition that is not in the contracts: its number would belong to the next topic */
export function numberOf(places: readonly Place[], topic: TopicName, partition: number): number {
  const number = places.findIndex((place) => place.topic === topic && place.partition === partition);
  if (number < 0) throw new Error(`${topic} has a partition ${partition}, the contracts do not`);
  return number;
}
