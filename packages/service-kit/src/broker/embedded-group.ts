import { newId, type TopicName, topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { IncomingRecord, OnBatch, Running, Subscription } from './broker.port.ts';
import { commitPosition, leaveGroup } from './embedded-leases.ts';
import type { Nudges } from './embedded-nudges.ts';
import { mayBeMore, readRecords } from './embedded-read.ts';
import { createHeldPartitions, type Held, type HeldPartitions } from './held-partitions.ts';

interface GroupDeps {
  readonly pool: Pool;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly lingerMs: number;
  readonly nudges: Nudges;
}

/** How many partitions one member works on at a time: each holds a database connection of its service. */
const partitionsAtOnceMax = 3;
const retryMsMin = 50;
const retryMsMax = 5_000;

/** A batch that is read and waits for room. */
interface ReadyBatch {
  readonly lease: Held;
  readonly records: readonly IncomingRecord[];
}

/**
 * One member of a consumer group: leases its share of the partitions, reads them, and commits finished batches. Only
 * one member works on a partition at a time; the commit of a member that lost its lease is refused.
 */
export async function startGroupMember(
  deps: GroupDeps,
  subscription: Subscription,
  onBatch: OnBatch,
): Promise<Running> {
  const { pool, log, nudges, leaseMs } = deps;
  const { group } = subscription;
  const memberId = newId();
  const wakeUp = createWakeUp();
  const gather = createWakeUp();
  const unlisten = nudges.listen(subscription.topics, wakeUp.wake);
  const partitions = subscription.topics.flatMap(partitionsOf);
  const held = createHeldPartitions({ pool, group, memberId, leaseMs, partitions });
  const stopping = new AbortController();
  const batches = createBatches({ ...deps, group, memberId, held, stopping: stopping.signal, onBatch });
  let trouble: string | null = null;
  let renewAt = 0;
  let caughtUpAt = -Infinity;
  const ready: ReadyBatch[] = [];

  async function dispatch(): Promise<void> {
    if (batches.room() > 0 && ready.length === 0) await readAll();
    for (const next of ready.splice(0, batches.room())) {
      // Taken away while it waited: whoever holds the partition now reads it again.
      if (held.has(next.lease)) batches.begin(next, wakeUp.wake);
    }
  }

  /** One read for all free partitions. Every batch read is worked on, however long it waits. */
  async function readAll(): Promise<void> {
    const now = performance.now();
    const free = held.list().filter((lease) => !lease.isBusy && lease.retryAt <= now);
    const read = await readRecords(pool, free, subscription.batchSizeMax);
    if (read.length > 0 && !read.some((records) => mayBeMore(records, subscription.batchSizeMax))) caughtUpAt = now;
    for (const records of read) {
      const lease = held.find(records[0]);
      if (lease !== null) ready.push({ lease, records });
    }
    for (const { lease } of ready) lease.isBusy = true;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (performance.now() >= renewAt) {
          await held.renew();
          renewAt = performance.now() + leaseMs / 4;
        }
        await dispatch();
        trouble = null;
      } catch (err) {
        trouble = 'cannot reach the log';
        log.warn({ err, group }, 'consumer backs off');
        await wakeUp.sleep(500);
      }
      await wakeUp.sleep(deps.pollMs);
      // A single message is read at once, a stream in larger batches, and a backlog without a pause.
      if (ready.length === 0 && performance.now() - caughtUpAt < 2 * deps.lingerMs) await gather.sleep(deps.lingerMs);
    }
  }

  const running = run();
  return {
    problem: () => trouble ?? (held.list().some((lease) => lease.failures > 0) ? 'batches fail' : null),
    stop: async () => {
      stopping.abort();
      unlisten();
      wakeUp.wake();
      gather.wake();
      await running;
      await batches.done();
      await leaveGroup(pool, group, memberId);
    },
  };
}

interface BatchDeps extends Pick<GroupDeps, 'pool' | 'log'> {
  readonly group: string;
  readonly memberId: string;
  readonly held: HeldPartitions;
  readonly stopping: AbortSignal;
  readonly onBatch: OnBatch;
}

/** The batches that are worked on: at most one of each partition, a few at a time. */
function createBatches({ pool, log, group, memberId, held, stopping, onBatch }: BatchDeps) {
  const working = new Set<Promise<void>>();

  async function work({ lease, records }: ReadyBatch, onDone: () => void): Promise<void> {
    const { topic, partition, lost } = lease;
    const next = (records.at(-1)?.position ?? lease.position) + 1n;
    try {
      const heartbeat = async () => lost.signal.throwIfAborted();
      await onBatch({ topic, partition, records, signal: lost.signal, heartbeat });
      // Under constant load a partition is never idle, so partitions above the share are given back between two
      // batches.
      const isKept = !stopping.aborted && !held.isAboveShare();
      if (!isKept) held.forget(lease);
      const isMine = await commitPosition(pool, group, memberId, lease, next, isKept ? 'keep' : 'release');
      if (isMine) lease.position = next;
      else held.drop(lease);
      lease.failures = 0;
      onDone();
    } catch (err) {
      lease.failures += 1;
      lease.retryAt = performance.now() + Math.min(retryMsMax, retryMsMin * 2 ** lease.failures);
      log.warn({ err, group, topic, partition, failures: lease.failures }, 'batch failed and will be delivered again');
    } finally {
      lease.isBusy = false;
    }
  }

  return {
    room: (): number => partitionsAtOnceMax - working.size,
    begin(batch: ReadyBatch, onDone: () => void): void {
      const job = work(batch, onDone).finally(() => working.delete(job));
      working.add(job);
    },
    done: async (): Promise<void> => void (await Promise.all(working)),
  };
}

function partitionsOf(topic: TopicName): { topic: TopicName; partition: number }[] {
  return Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition }));
}
