import { createWakeUp } from '../runtime/wake-up.ts';
import type { OnBatch, Running } from './broker.port.ts';
import { createKafkaBatches, type KafkaBatches, type KafkaBatchSpec } from './kafka-batches.ts';
import type { Consumer } from './kafkajs.ts';

export interface KafkaConsumerSpec extends KafkaBatchSpec {
  /** A consumer without any sign of life for this long is replaced. */
  readonly silentMsMax: number;
  /** The static name of the process in its group; null for none. */
  readonly memberName: string | null;
  newConsumer(memberName: string | null): Consumer;
  /** Called with each new assignment, before anything is fetched. */
  onAssigned?(consumer: Consumer): void;
}

const rebuildMsMax = 5_000;
const watchEveryMs = 1_000;
/**
 * More than any assignment has: the number of partitions worked on is limited elsewhere, by turns of one batch each.
 */
const partitionsMax = 1_000;

type Ending = 'stopped' | 'crashed' | 'silent';

/**
 * Consumes from Kafka until it is stopped. A consumer that crashes or falls silent is abandoned and a new one is
 * created: kafkajs ends some of them for good, and a stopped one cannot be used again.
 */
export function startKafkaConsumer(spec: KafkaConsumerSpec, onBatch: OnBatch): Running {
  const { log, group, silentMsMax } = spec;
  const stopping = new AbortController();
  const backOff = createWakeUp();
  let trouble: string | null = 'has not joined its group yet';
  let consumer: Consumer | null = null;
  let { memberName } = spec;
  let aliveAt = performance.now();
  let crashes = 0;
  let ended = Promise.withResolvers<Ending>();

  const alive = (): void => void (aliveAt = performance.now());
  const joined = (): void => {
    trouble = null;
    crashes = 0;
    batches.joined();
  };
  const crashed = (error: Error): void => {
    // Without the name it works beside the process that has it now, instead of evicting that one in turn.
    if (isNameTaken(error)) memberName = null;
    log.warn({ err: error, group, memberName }, 'consumer crashed; starting another one');
    ended.resolve('crashed');
  };
  const batches = createKafkaBatches(spec, onBatch, alive);

  /** Runs one consumer from its start to its end. */
  async function consumeOnce(): Promise<Ending> {
    const current = spec.newConsumer(memberName);
    const mine = Promise.withResolvers<Ending>();
    consumer = current;
    ended = mine;
    // Ignore the end of an abandoned consumer: its successor is running.
    listenTo(current, spec, { alive, joined, crashed: (error) => (ended === mine ? crashed(error) : undefined) });
    alive();
    const begun = begin(current, spec, batches).then(() => {
      if (stopping.signal.aborted) leave(current, spec);
    });
    begun.catch(() => undefined);
    // When it has to end, a consumer that is still connecting is not waited for.
    return Promise.race([begun.then(() => mine.promise), mine.promise]);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const how = await consumeOnce();
        if (how === 'stopped') return;
        trouble = how === 'silent' ? 'fell silent' : 'crashed';
        crashes = how === 'crashed' ? Math.min(crashes + 1, 5) : 1;
      } catch (err) {
        crashes = Math.min(crashes + 1, 5);
        trouble = 'cannot reach Kafka';
        log.warn({ err, group }, 'consumer backs off');
      }
      if (consumer !== null) leave(consumer, spec);
      if (!stopping.signal.aborted) await backOff.sleep(Math.min(rebuildMsMax, 200 * 2 ** crashes));
    }
  }

  const watch = (): void => {
    if (batches.isBusy() || performance.now() - aliveAt < silentMsMax) return;
    log.warn({ group, silentMsMax }, 'consumer fell silent; starting another one');
    ended.resolve('silent');
  };
  const watchdog = setInterval(watch, watchEveryMs).unref();
  const running = run();

  return {
    problem: () => trouble ?? (batches.areFailing() ? 'batches fail' : null),
    async stop() {
      stopping.abort();
      clearInterval(watchdog);
      backOff.wake();
      batches.stop();
      ended.resolve('stopped');
      await Promise.all([consumer?.disconnect(), running]);
    },
  };
}

interface Signs {
  alive(): void;
  joined(): void;
  crashed(error: Error): void;
}

function listenTo(consumer: Consumer, { onAssigned }: KafkaConsumerSpec, { alive, joined, crashed }: Signs): void {
  const { CRASH, GROUP_JOIN, FETCH, HEARTBEAT, REBALANCING } = consumer.events;
  consumer.on(CRASH, ({ payload }) => crashed(payload.error));
  for (const event of [FETCH, HEARTBEAT, REBALANCING]) consumer.on(event, alive);
  consumer.on(GROUP_JOIN, () => {
    alive();
    joined();
    onAssigned?.(consumer);
  });
}

async function begin(consumer: Consumer, { topics }: KafkaConsumerSpec, { eachBatch }: KafkaBatches): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitionsMax,
    eachBatch,
  });
}

/** Not awaited: a client that hangs must not keep the next one from starting. */
function leave(consumer: Consumer, { log, group }: KafkaConsumerSpec): void {
  consumer
    .disconnect()
    .catch((err: unknown) => log.debug({ err, group }, 'an abandoned consumer did not leave its group in order'));
}

/** Whether another process has joined the group under the same name. */
function isNameTaken(error: unknown): boolean {
  return error instanceof Error && (Reflect.get(error, 'type') === 'FENCED_INSTANCE_ID' || isNameTaken(error.cause));
}
