import type { TopicName } from '@crossdesk/contracts';
import pLimit from 'p-limit';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { IncomingRecord, OnBatch, Running } from './broker.port.ts';
import type { Consumer, EachBatchPayload } from './kafkajs.ts';

export interface KafkaConsumerSpec {
  readonly group: string;
  /** Kafka's names of the topics, and ours. */
  readonly topics: ReadonlyMap<string, TopicName>;
  readonly batchSizeMax: number;
  readonly partitionsAtOnceMax: number;
  /** A consumer that shows no sign of life for this long is replaced. */
  readonly silentMsMax: number;
  readonly log: Logger;
  newConsumer(): Consumer;
  /** Called with each new assignment, before anything is fetched. */
  onAssigned?(consumer: Consumer): void;
  /** Whether the position of what is done is kept by the group. */
  readonly commits: boolean;
}

const retryMsMin = 50;
const retryMsMax = 5_000;
const rebuildMsMax = 5_000;
const watchEveryMs = 1_000;
const beatEveryMs = 1_000;
/** More than any assignment has: how many partitions are worked on is limited by turns of one batch each. */
const partitionsMax = 1_000;

type Ending = 'stopped' | 'crashed' | 'silent';

/**
 * Consumes from Kafka until it is stopped. A consumer that crashes or falls silent is replaced by a new one. A partition
 * whose batch fails pauses and tries again by itself, while the others go on. Offsets are committed after the batch, with
 * the commit function of the batch: the one of the consumer ends it for good when a rebalance is under way.
 */
export function startKafkaConsumer(spec: KafkaConsumerSpec, onBatch: OnBatch): Running {
  const { log, group } = spec;
  const stopping = new AbortController();
  const turn = pLimit(spec.partitionsAtOnceMax);
  const backOff = createWakeUp();
  const failures = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  let trouble: string | null = 'has not joined its group yet';
  let consumer: Consumer | null = null;
  let inHand = 0;
  let aliveAt = performance.now();
  let crashes = 0;
  let endCurrent: (how: Ending) => void = () => undefined;

  function signOfLife(): void {
    aliveAt = performance.now();
  }

  /** Tries the partition again after a pause that grows; the others are fetched meanwhile. */
  function postpone({ batch, pause }: EachBatchPayload, err: unknown): void {
    const name = `${batch.topic}/${batch.partition}`;
    const failed = (failures.get(name) ?? 0) + 1;
    failures.set(name, failed);
    log.warn({ err, group, topic: batch.topic, partition: batch.partition, failures: failed }, 'batch will come again');
    const resume = pause();
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        resume();
      },
      Math.min(retryMsMax, retryMsMin * 2 ** failed),
    );
    timers.add(timer);
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale } = payload;
    const { topic: kafkaTopic, partition } = batch;
    const topic = spec.topics.get(kafkaTopic);
    if (topic === undefined) throw new Error(`a batch of ${kafkaTopic}, which nobody asked for`);
    const lost = new AbortController();
    const beat = async (): Promise<void> => {
      try {
        await heartbeat();
      } catch (error) {
        // The partition goes to somebody else: what is not committed yet comes to whoever that is.
        lost.abort();
        throw error;
      }
    };
    for (const messages of inChunks(batch.messages, spec.batchSizeMax)) {
      if (!isRunning() || isStale() || stopping.signal.aborted) return;
      const records = messages.map((message) => toRecord(topic, partition, message));
      const last = messages.at(-1);
      if (last === undefined) return;
      const failure = await turn(async () => {
        inHand += 1;
        // While the batch waits for its database, the group has to know that its member lives.
        const beating = setInterval(() => void beat().catch(() => undefined), beatEveryMs);
        try {
          await onBatch({ topic, partition, records, signal: lost.signal, heartbeat: beat });
          return null;
        } catch (error) {
          return { error };
        } finally {
          clearInterval(beating);
          inHand -= 1;
          signOfLife();
        }
      });
      if (failure !== null) {
        // A heartbeat that failed inside the handler: kafkajs has to hear of it and joins again.
        if (lost.signal.aborted) throw failure.error;
        postpone(payload, failure.error);
        return;
      }
      failures.delete(`${kafkaTopic}/${partition}`);
      resolveOffset(last.offset);
      const offset = (BigInt(last.offset) + 1n).toString();
      if (spec.commits)
        await commitOffsetsIfNecessary({ topics: [{ topic: kafkaTopic, partitions: [{ partition, offset }] }] });
      await beat();
    }
  }

  /** One consumer from its start to its end. */
  async function consumeOnce(): Promise<Ending> {
    const current = spec.newConsumer();
    consumer = current;
    const ended = new Promise<Ending>((resolve) => {
      endCurrent = resolve;
    });
    const { CRASH, GROUP_JOIN, FETCH, HEARTBEAT, REBALANCING } = current.events;
    current.on(CRASH, ({ payload: { error } }) => {
      log.warn({ err: error, group }, 'consumer crashed; another one follows');
      endCurrent('crashed');
    });
    current.on(GROUP_JOIN, () => {
      signOfLife();
      trouble = null;
      spec.onAssigned?.(current);
    });
    for (const event of [FETCH, HEARTBEAT, REBALANCING]) current.on(event, signOfLife);
    signOfLife();
    await current.connect();
    await current.subscribe({ topics: [...spec.topics.keys()], fromBeginning: true });
    await current.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsMax,
      eachBatch,
    });
    return ended;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const how = await consumeOnce();
        if (how === 'stopped') return;
        trouble = how === 'silent' ? 'fell silent' : 'crashed';
        // Joined before it crashed: the next one need not wait as long as one that never gets there.
        crashes = failures.size === 0 && how === 'crashed' ? Math.min(crashes + 1, 5) : 1;
      } catch (err) {
        crashes = Math.min(crashes + 1, 5);
        trouble = 'cannot reach Kafka';
        log.warn({ err, group }, 'consumer backs off');
      }
      // Not awaited: a client that hangs must not keep the next one from starting.
      consumer
        ?.disconnect()
        .catch((err: unknown) => log.debug({ err, group }, 'a consumer left behind did not leave in order'));
      if (!stopping.signal.aborted) await backOff.sleep(Math.min(rebuildMsMax, 200 * 2 ** crashes));
    }
  }

  const watchdog = setInterval(() => {
    if (inHand > 0 || performance.now() - aliveAt < spec.silentMsMax) return;
    log.warn({ group, silentMsMax: spec.silentMsMax }, 'consumer fell silent; another one follows');
    endCurrent('silent');
  }, watchEveryMs);
  watchdog.unref();
  const running = run();

  return {
    problem: () => trouble ?? (failures.size > 0 ? 'batches fail' : null),
    async stop() {
      stopping.abort();
      clearInterval(watchdog);
      backOff.wake();
      for (const timer of timers) clearTimeout(timer);
      const leaving = consumer?.disconnect();
      endCurrent('stopped');
      await leaving;
      await running;
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
