import { newId, type TopicName, topics } from '@crossdesk/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../runtime/log.ts';
import type { Broker, OutgoingRecord, Positions } from './broker.port.ts';
import { startKafkaConsumer } from './kafka-consumer.ts';
import { type Admin, type Consumer, createKafkaClients, type KafkaOptions } from './kafkajs.ts';
import { positionsOf } from './positions.ts';

export interface KafkaBrokerOptions extends KafkaOptions {
  readonly log: Logger;
  /** A member that sends no heartbeat for this long loses its partitions: how long a killed process holds them up. */
  readonly sessionTimeoutMs?: number;
  /** A consumer without a sign of life for this long is replaced; longer than a rebalance may take. */
  readonly silentMsMax?: number;
}

/** How many partitions one member works on at a time: each holds a database connection of its service meanwhile. */
const partitionsAtOnceMax = 3;

/** The log on Apache Kafka 4: for clusters, containers and integrators. Topics are made by `pnpm topics apply`. */
export function openKafkaBroker(options: KafkaBrokerOptions): Broker {
  const { log, prefix, memberName = null, sessionTimeoutMs = 6_000, silentMsMax = 90_000 } = options;
  const clients = createKafkaClients(options, log);
  const producer = keepOpen(() => clients.producer());
  const admin = keepOpen(() => clients.admin());
  const closing = new AbortController();
  const nameOf = (topic: TopicName) => `${prefix}${topic}`;

  function consumerSpec(group: string, names: readonly TopicName[], batchSizeMax: number) {
    return {
      group: `${prefix}${group}`,
      topics: new Map(names.map((name) => [nameOf(name), name])),
      batchSizeMax,
      silentMsMax,
      closed: closing.signal,
      log,
      newConsumer: (name: string | null) =>
        clients.consumer({ groupId: `${prefix}${group}`, sessionTimeoutMs, memberName: name }),
    };
  }

  return {
    async publish(batch) {
      if (batch.length === 0) return;
      const topicMessages = [...Map.groupBy(batch, ({ topic }) => topic)].map(([topic, records]) => ({
        topic: nameOf(topic),
        messages: records.map(({ key, value, headers }: OutgoingRecord) => ({ key, value, headers: { ...headers } })),
      }));
      // acks -1: every replica in sync has it.
      await producer.use((open) => open.sendBatch({ acks: -1, topicMessages }));
    },

    subscribe: async ({ group, topics: names, batchSizeMax }, onBatch) =>
      startKafkaConsumer(
        {
          ...consumerSpec(group, names, batchSizeMax),
          memberName,
          partitionsAtOnceMax,
          commits: true,
        },
        onBatch,
      ),

    // kafkajs reads in groups only: a tail is the one member of a group of its own, and keeps its positions itself.
    tail: async ({ topics: names, from, batchSizeMax }, onBatch) => {
      const place = placesOf(names, from);
      const seekTo = (consumer: Consumer) => {
        for (const [name, position] of place) {
          const [topic, partition] = partsOf(name);
          consumer.seek({ topic: nameOf(topic), partition, offset: position.toString() });
        }
      };
      const spec = consumerSpec(`tail.${newId()}`, names, batchSizeMax);
      return startKafkaConsumer(
        { ...spec, memberName: null, partitionsAtOnceMax: 1, commits: false, onAssigned: seekTo },
        async (batch) => {
          const name = `${batch.topic}/${batch.partition}`;
          const records = batch.records.filter(({ position }) => position >= (place.get(name) ?? 0n));
          const last = records.at(-1);
          if (last === undefined) return;
          await onBatch({ ...batch, records });
          place.set(name, last.position + 1n);
        },
      );
    },

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

    async close() {
      closing.abort();
      await Promise.all([producer.close(), admin.close()]);
    },
  };
}

const ledTriesMax = 10;
const ledPauseMs = 200;
const leaderless = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** A question about offsets, asked again while a partition is between two leaders, or has just been made. */
async function onceLed<Result>(
  admin: { use<Answer>(work: (client: Admin) => Promise<Answer>): Promise<Answer> },
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

function placesOf(names: readonly TopicName[], from: Positions): Map<string, bigint> {
  return new Map(
    names.flatMap((topic) =>
      Array.from({ length: topics[topic].partitions }, (_, partition): [string, bigint] => [
        `${topic}/${partition}`,
        from[topic]?.[partition] ?? 0n,
      ]),
    ),
  );
}

function partsOf(name: string): [TopicName, number] {
  const [topic = '', partition = ''] = name.split('/');
  return [topic as TopicName, Number(partition)];
}

interface Client {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** A client that is connected at its first use, and replaced after a use that failed. */
function keepOpen<Open extends Client>(make: () => Open) {
  let opened: { readonly client: Open; readonly connected: Promise<void> } | null = null;

  function open() {
    const client = make();
    return { client, connected: client.connect() };
  }

  return {
    async use<Result>(work: (client: Open) => Promise<Result>): Promise<Result> {
      const current = (opened ??= open());
      try {
        await current.connected;
        return await work(current.client);
      } catch (error) {
        if (opened === current) opened = null;
        current.client.disconnect().catch(() => undefined);
        throw error;
      }
    },
    async close(): Promise<void> {
      await opened?.client.disconnect();
      opened = null;
    },
  };
}
