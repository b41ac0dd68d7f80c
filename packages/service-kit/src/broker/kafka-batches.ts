import type { TopicName } from '@crossdesk/contracts';
import pLimit from 'p-limit';
import type { Logger } from '../runtime/log.ts';
import type { IncomingRecord, OnBatch } from './broker.port.ts';
import type { EachBatchPayload } from './kafkajs.ts';

export interface KafkaBatchSpec {
  readonly group: string;
  /** Kafka's names of the topics, and ours. */
  readonly topics: ReadonlyMap<string, TopicName>;
  readonly batchSizeMax: number;
  readonly partitionsAtOnceMax: number;
  /** Whether the position of what is done is kept by the group. */
  readonly commits: boolean;
  /** Aborts when the client of the log is closed: whoever still works on a batch is dead for the group. */
  readonly closed: AbortSignal;
  readonly log: Logger;
}

/** Works off what kafkajs fetched, for one consumer after another. */
export interface KafkaBatches {
  eachBatch(payload: EachBatchPayload): Promise<void>;
  isBusy(): boolean;
  /** Whether some partition waits for its next try. */
  areFailing(): boolean;
  stop(): void;
}

const retryMsMin = 50;
const retryMsMax = 5_000;
const beatEveryMs = 1_000;

/**
 * Hands fetched records on in batches. Partitions take turns, so that none waits for ever; one whose batch fails pauses and
 * tries again by itself, while the others go on. Offsets are committed after the batch, with the commit function of the
 * batch: the one of the consumer ends it for good when a rebalance is under way.
 */
export function createKafkaBatches(spec: KafkaBatchSpec, onBatch: OnBatch, onDone: () => void): KafkaBatches {
  const turn = pLimit(spec.partitionsAtOnceMax);
  const postponed = createPostponed(spec);
  let inHand = 0;
  let isStopping = false;

  /** Null when the batch is done, else what kept it from being done. */
  async function work(batch: Parameters<OnBatch>[0]): Promise<{ readonly error: unknown } | null> {
    inHand += 1;
    // While the batch waits for its database, the group has to know that its member lives.
    const beating = setInterval(() => {
      if (!spec.closed.aborted) batch.heartbeat().catch(() => undefined);
    }, beatEveryMs);
    try {
      await onBatch(batch);
      return null;
    } catch (error) {
      return { error };
    } finally {
      clearInterval(beating);
      inHand -= 1;
      onDone();
    }
  }

  return {
    async eachBatch(payload) {
      const { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale } = payload;
      const { topic: kafkaTopic, partition } = batch;
      const topic = spec.topics.get(kafkaTopic);
      if (topic === undefined) throw new Error(`a batch of ${kafkaTopic}, which nobody asked for`);
      const lost = new AbortController();
      const heartbeat = async (): Promise<void> => {
        try {
          await payload.heartbeat();
        } catch (error) {
          // The partition goes to somebody else: what is not committed yet comes to whoever that is.
          lost.abort();
          throw error;
        }
      };
      for (const messages of inChunks(batch.messages, spec.batchSizeMax)) {
        const last = messages.at(-1);
        if (last === undefined || !isRunning() || isStale() || isStopping) return;
        const records = messages.map((message) => toRecord(topic, partition, message));
        const failure = await turn(() => work({ topic, partition, records, signal: lost.signal, heartbeat }));
        if (failure !== null) {
          // A heartbeat that failed inside the handler: kafkajs has to hear of it and joins again.
          if (lost.signal.aborted) throw failure.error;
          return postponed.add(payload, failure.error);
        }
        postponed.forget(batch);
        resolveOffset(last.offset);
        const offset = (BigInt(last.offset) + 1n).toString();
        if (spec.commits)
          await commitOffsetsIfNecessary({ topics: [{ topic: kafkaTopic, partitions: [{ partition, offset }] }] });
        await heartbeat();
      }
    },
    isBusy: () => inHand > 0,
    areFailing: postponed.areThereAny,
    stop() {
      isStopping = true;
      postponed.stop();
    },
  };
}

/** Partitions whose last batch failed: each is tried again after a pause that grows; the others are fetched meanwhile. */
function createPostponed({ log, group }: Pick<KafkaBatchSpec, 'log' | 'group'>) {
  const failures = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  return {
    add({ batch: { topic, partition }, pause }: EachBatchPayload, err: unknown): void {
      const name = `${topic}/${partition}`;
      const failed = (failures.get(name) ?? 0) + 1;
      failures.set(name, failed);
      log.warn({ err, group, topic, partition, failures: failed }, 'batch will come again');
      const resume = pause();
      const waitMs = Math.min(retryMsMax, retryMsMin * 2 ** failed);
      const timer = setTimeout(() => {
        timers.delete(timer);
        resume();
      }, waitMs);
      timers.add(timer);
    },
    forget: ({ topic, partition }: EachBatchPayload['batch']): void => void failures.delete(`${topic}/${partition}`),
    areThereAny: (): boolean => failures.size > 0,
    stop(): void {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

type Message = EachBatchPayload['batch']['messages'][number];

function toRecord(topic: TopicName, partition: number, { offset, key, value, headers = {} }: Message): IncomingRecord {
  return {
    topic,
    partition,
    position: BigInt(offset),
    key: key?.toString() ?? '',
    value: value ?? new Uint8Array(),
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, String(header ?? '')])),
  };
}
