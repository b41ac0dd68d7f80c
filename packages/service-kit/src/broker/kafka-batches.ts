import type { TopicName } from '@crossdesk/contracts';
import type { Logger } from '../runtime/log.ts';
import { createBatchesUnderWay, type Part, partsOfBatch } from './batches-under-way.ts';
import type { IncomingRecord, OnBatch, RecordBatch } from './broker.port.ts';
import type { EachBatchPayload } from './kafkajs.ts';

export interface KafkaBatchSpec {
  readonly group: string;
  /** Our topic name for each topic name in Kafka. */
  readonly topics: ReadonlyMap<string, TopicName>;
  readonly batchSizeMax: number;
  readonly batchesAtOnceMax: number;
  /** Whether the group commits the positions of finished batches. */
  readonly commits: boolean;
  /** Aborts when the client of the log is closed: for the group, a member that still works on a batch is then dead. */
  readonly closed: AbortSignal;
  readonly log: Logger;
}

/** Processes fetched batches, for one consumer after another. */
export interface KafkaBatches {
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** Its member has joined the group again: partitions that wait for a try may be another's now. */
  joined(): void;
  isBusy(): boolean;
  /** Whether a partition waits for its next try. */
  areFailing(): boolean;
  stop(): void;
}

const retryMsMin = 50;
const retryMsMax = 5_000;
const beatEveryMs = 1_000;

/**
 * Passes fetched records on in batches. What is fetched while a batch is worked on is the next one, of all partitions
 * together; a partition whose batch fails is paused and tried again alone, while the others continue. Offsets are
 * committed after the batch, with the commit function of the batch: that of the consumer would end the consumer for good
 * during a rebalance.
 */
export function createKafkaBatches(spec: KafkaBatchSpec, onBatch: OnBatch, onDone: () => void): KafkaBatches {
  const turns = createTurns(spec, work);
  const postponed = createPostponed(spec);
  let inHand = 0;
  let isStopping = false;

  async function work(batch: RecordBatch): Promise<Failure | null> {
    inHand += 1;
    // While the batch waits for the database, the group has to know that its member is alive.
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
      if (topic === undefined) throw new Error(`a batch of ${kafkaTopic}, which was not subscribed to`);
      const lost = new AbortController();
      const heartbeat = async (): Promise<void> => {
        try {
          await payload.heartbeat();
        } catch (error) {
          // The partition goes to another member, which gets everything that is not committed yet.
          lost.abort();
          throw error;
        }
      };
      for (const messages of inChunks(batch.messages, spec.batchSizeMax)) {
        const last = messages.at(-1);
        if (last === undefined || !isRunning() || isStale() || isStopping) return;
        const records = messages.map((message) => toRecord(topic, partition, message));
        const isFailing = postponed.has(batch);
        const failure = await turns.take({ records, signal: lost.signal, heartbeat, isFailing });
        if (failure !== null) {
          // A heartbeat failed inside the handler: kafkajs has to get the error, so that it joins again.
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
    joined: postponed.forgetAll,
    isBusy: () => inHand > 0,
    areFailing: postponed.areThereAny,
    stop() {
      isStopping = true;
      postponed.stop();
    },
  };
}

/** The error that prevented a batch. */
interface Failure {
  readonly error: unknown;
}

interface Waiting extends RecordBatch, Part {
  readonly end: (failure: Failure | null) => void;
}

/** The records of partitions that wait for their turn, in the order in which they came. */
function createTurns(
  { batchesAtOnceMax, batchSizeMax }: Pick<KafkaBatchSpec, 'batchesAtOnceMax' | 'batchSizeMax'>,
  work: (batch: RecordBatch) => Promise<Failure | null>,
) {
  const waiting: Waiting[] = [];
  const underWay = createBatchesUnderWay(batchesAtOnceMax, begin);

  function begin(): void {
    while (waiting.length > 0 && underWay.mayBegin()) {
      const parts = waiting.splice(0, partsOfBatch(waiting, batchSizeMax));
      underWay.begin(async () => {
        const failure = await work({
          records: parts.flatMap(({ records }) => records),
          signal: AbortSignal.any(parts.map(({ signal }) => signal)),
          heartbeat: async () => void (await Promise.all(parts.map(({ heartbeat }) => heartbeat()))),
        });
        for (const { end } of parts) end(failure);
      });
    }
  }

  return {
    /** Resolves when the batch with these records has ended: null when it is done. */
    take: (part: RecordBatch & Part): Promise<Failure | null> =>
      new Promise((end) => {
        waiting.push({ ...part, end });
        // The partitions of one fetch come together.
        setImmediate(begin);
      }),
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
      log.warn({ err, group, topic, partition, failures: failed }, 'batch failed and will be delivered again');
      const resume = pause();
      const waitMs = Math.min(retryMsMax, retryMsMin * 2 ** failed);
      const timer = setTimeout(() => {
        timers.delete(timer);
        resume();
      }, waitMs);
      timers.add(timer);
    },
    has: ({ topic, partition }: EachBatchPayload['batch']): boolean => failures.has(`${topic}/${partition}`),
    forget: ({ topic, partition }: EachBatchPayload['batch']): void => void failures.delete(`${topic}/${partition}`),
    forgetAll: (): void => failures.clear(),
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
