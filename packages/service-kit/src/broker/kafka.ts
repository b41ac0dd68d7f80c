import { newId, type TopicName, topics } from '@crossdesk/contracts';
import type { Logger } from '../runtime/log.ts';
import type { Broker, IncomingRecord, OnBatch, OutgoingRecord, Positions, Running } from './broker.port.ts';
import { type KafkaConsumerSpec, startKafkaConsumer } from './kafka-consumer.ts';
import { offsetQuestions } from './kafka-offsets.ts';
import { type Consumer, createKafkaClients, type KafkaOptions } from './kafkajs.ts';
import { keepOpen } from './kept-open.ts';

export interface KafkaBrokerOptions extends KafkaOptions {
  readonly log: Logger;
  /**
   * A member that sends no heartbeat for this long loses its partitions: a killed process blocks them for this long.
   */
  readonly sessionTimeoutMs?: number;
  /** A consumer without a sign of life for this long is replaced; longer than a rebalance may take. */
  readonly silentMsMax?: number;
}

const batchesAtOnceMax = 3;

/** The log on Apache Kafka 4: for clusters, containers and integrators. Topics are created by `pnpm topics apply`. */
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
          batchesAtOnceMax,
          commits: true,
        },
        onBatch,
      ),

    tail: ({ topics: names, from, batchSizeMax }, onBatch) =>
      startTail(consumerSpec(`tail.${newId()}`, names, batchSizeMax), nameOf, placesOf(names, from), onBatch),

    ...offsetQuestions(admin, prefix),

    async close() {
      closing.abort();
      await Promise.all([producer.close(), admin.close()]);
    },
  };
}

/** kafkajs only reads in groups: a tail is the only member of its own group, and keeps its positions itself. */
async function startTail(
  spec: Omit<KafkaConsumerSpec, 'memberName' | 'batchesAtOnceMax' | 'commits' | 'onAssigned'>,
  nameOf: (topic: TopicName) => string,
  place: Map<string, bigint>,
  onBatch: OnBatch,
): Promise<Running> {
  const seekTo = (consumer: Consumer) => {
    for (const [name, position] of place) {
      const [topic, partition] = partsOf(name);
      consumer.seek({ topic: nameOf(topic), partition, offset: position.toString() });
    }
  };
  return startKafkaConsumer(
    { ...spec, memberName: null, batchesAtOnceMax: 1, commits: false, onAssigned: seekTo },
    async (batch) => {
      const records = batch.records.filter((record) => record.position >= (place.get(placeOf(record)) ?? 0n));
      if (records.length === 0) return;
      await onBatch({ ...batch, records });
      for (const record of records) place.set(placeOf(record), record.position + 1n);
    },
  );
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

function placeOf({ topic, partition }: IncomingRecord): string {
  return `${topic}/${partition}`;
}

function partsOf(name: string): [TopicName, number] {
  const [topic = '', partition = ''] = name.split('/');
  return [topic as TopicName, Number(partition)];
}
