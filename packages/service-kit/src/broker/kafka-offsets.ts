import type { TopicName } from '@crossdesk/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Broker } from './broker.port.ts';
import type { Admin } from './kafkajs.ts';
import type { KeptOpen } from './kept-open.ts';
import { positionsOf } from './positions.ts';

/** The part of a broker that reads the ends of topics and the positions of groups. */
export function offsetQuestions(
  admin: Pick<KeptOpen<Admin>, 'use'>,
  prefix: string,
): Pick<Broker, 'bounds' | 'committed' | 'lag'> {
  const nameOf = (topic: TopicName) => `${prefix}${topic}`;
  return {
    bounds: (topic) =>
      onceLed(admin, async (open) => {
        const offsets = await open.fetchTopicOffsets(nameOf(topic));
        return new Map(
          offsets
            .toSorted((a, b) => a.partition - b.partition)
            .map(({ partition, low, high }) => [partition, { earliest: BigInt(low), next: BigInt(high) }]),
        );
      }),

    committed: (group, names) =>
      onceLed(admin, async (open) => {
        const ours = new Map(names.map((name) => [nameOf(name), name]));
        const kept = await open.fetchOffsets({ groupId: `${prefix}${group}`, topics: [...ours.keys()] });
        return positionsOf(
          kept.flatMap(({ topic: kafkaTopic, partitions }) => {
            const topic = ours.get(kafkaTopic);
            return partitions.flatMap(({ partition, offset }) =>
              // -1: none is kept.
              topic === undefined || offset === '-1' ? [] : [{ topic, partition, next: BigInt(offset) }],
            );
          }),
        );
      }),

    lag: (group, names) =>
      onceLed(admin, async (open) => {
        const kafkaNames = names.map(nameOf);
        const done = await open.fetchOffsets({ groupId: `${prefix}${group}`, topics: kafkaNames });
        const lags = await Promise.all(done.map(({ topic, partitions }) => lagOf(open, topic, partitions)));
        return lags.reduce((sum, lag) => sum + lag, 0n);
      }),
  };
}

const ledTriesMax = 10;
const ledPauseMs = 200;
const leaderless = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** Queries offsets, and repeats the query while a partition is between two leaders or has just been created. */
async function onceLed<Result>(
  admin: Pick<KeptOpen<Admin>, 'use'>,
  work: (client: Admin) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await admin.use(work);
    } catch (error) {
      const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : null;
      if (tries === ledTriesMax || typeof type !== 'string' || !leaderless.has(type)) throw error;
      await pause(ledPauseMs);
    }
  }
}

async function lagOf(
  admin: Admin,
  topic: string,
  done: readonly { readonly partition: number; readonly offset: string }[],
): Promise<bigint> {
  const committed = new Map(done.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const bounds = await admin.fetchTopicOffsets(topic);
  return bounds.reduce((sum, { partition, low, high }) => {
    const from = committed.get(partition) ?? -1n;
    const earliest = BigInt(low);
    return sum + BigInt(high) - (from > earliest ? from : earliest);
  }, 0n);
}
