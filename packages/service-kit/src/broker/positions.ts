import type { TopicName } from '@crossdesk/contracts';
import type { Positions } from './broker.port.ts';

/** Positions by topic and partition, from one row each. */
export function positionsOf(
  rows: readonly { readonly topic: TopicName; readonly partition: number; readonly next: bigint }[],
): Positions {
  const positions: Record<string, Record<number, bigint>> = {};
  for (const { topic, partition, next } of rows) (positions[topic] ??= {})[partition] = next;
  return positions;
}
