import { type TopicName, topics } from '@crossdesk/contracts';

/** The next position to read of every partition of a stream, by its number in the stream. */
export type Vector = readonly bigint[];

interface Place {
  readonly topic: TopicName;
  readonly partition: number;
}

/**
 * The partitions of a stream's topics, numbered one topic after another: of topics with 6 and 2 partitions, number 7 is
 * partition 1 of the second. They are those of the contracts; a cursor counts on their order.
 */
export function partitionsOf(names: readonly TopicName[]): readonly Place[] {
  return names.flatMap((topic) =>
    Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition })),
  );
}

/** @throws Error for a partition that the contracts do not have: counted on, it would be one of the next topic */
export function numberOf(places: readonly Place[], topic: TopicName, partition: number): number {
  const number = places.findIndex((place) => place.topic === topic && place.partition === partition);
  if (number < 0) throw new Error(`${topic} has a partition ${partition}, the contracts do not`);
  return number;
}
