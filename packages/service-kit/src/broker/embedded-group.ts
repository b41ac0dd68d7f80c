import { newId, type TopicName, topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { OnBatch, Running, Subscription } from './broker.port.ts';
import type { Nudges } from './embedded-nudges.ts';
import { createGroupReader, type Part } from './embedded-reader.ts';
import { createHeldPartitions, type Held, type HeldPartitions } from './held-partitions.ts';

interface GroupDeps {
  readonly pool: Pool;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly nudges: Nudges;
}

/** Each batch that is worked on holds a database connection of its service. */
const batchesAtOnceMax = 3;
/** A batch that takes longer waits for a lock: the partitions that are not in it must not wait for it. */
const patienceMs = 100;
const retryMsMin = 50;
const retryMsMax = 5_000;

/**
 * One member of a consumer group: leases its share of the partitions and reads them. Only one member works on a
 * partition at a time; a member that lost its lease cannot commit. Records that arrive while a batch is worked on become
 * the next batch, of all partitions together: a single record never waits for others, and the busier the machine, the
 * larger the batches. Positions are committed with the next renewal of the leases, so a crash repeats what was done
 * since then.
 */
export async function startGroupMember(
  deps: GroupDeps,
  subscription: Subscription,
  onBatch: OnBatch,
): Promise<Running> {
  const { pool, log, nudges, leaseMs, pollMs } = deps;
  const { group, batchSizeMax } = subscription;
  const wakeUp = createWakeUp();
  const partitions = subscription.topics.flatMap(partitionsOf);
  const held = createHeldPartitions({ pool, group, memberId: newId(), leaseMs, partitions });
  const reader = createGroupReader({ pool, held, pollMs, batchSizeMax });
  const batches = createBatches({ log, group, held, onBatch, onDone: wakeUp.wake });
  let isStopping = false;
  let trouble: string | null = null;
  let renewAt = 0;

  const unlisten = nudges.listen(subscription.topics, () => {
    reader.arrived();
    wakeUp.wake();
  });

  async function dispatch(): Promise<void> {
    while (batches.mayBegin()) {
      const parts = await reader.next();
      if (parts.length === 0) return;
      batches.begin(parts);
    }
  }

  async function run(): Promise<void> {
    while (!isStopping) {
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
      await wakeUp.sleep(pollMs);
    }
  }

  const running = run();
  return {
    problem: () => trouble ?? (held.list().some((lease) => lease.failures > 0) ? 'batches fail' : null),
    stop: async () => {
      isStopping = true;
      unlisten();
      wakeUp.wake();
      await running;
      await batches.done();
      await held.leave();
    },
  };
}

interface BatchDeps extends Pick<GroupDeps, 'log'> {
  readonly group: string;
  readonly held: HeldPartitions;
  readonly onBatch: OnBatch;
  readonly onDone: () => void;
}

/** The batches that are worked on. Usually one at a time, because two small ones take as long as one large one. */
function createBatches({ log, group, held, onBatch, onDone }: BatchDeps) {
  const underWay = new Set<Promise<void>>();
  let begunAt = 0;

  async function work(parts: readonly Part[]): Promise<void> {
    const leases = parts.map(({ lease }) => lease);
    const lost = AbortSignal.any(leases.map((lease) => lease.lost.signal));
    try {
      const records = parts.flatMap((part) => part.records);
      await onBatch({ records, signal: lost, heartbeat: async () => lost.throwIfAborted() });
      parts.forEach(finish);
      // Under constant load a partition is never idle.
      await held.giveBack(leases);
    } catch (err) {
      leases.forEach(postpone);
      const failed = leases.map(({ topic, partition, failures }) => ({ topic, partition, failures }));
      log.warn({ err, group, partitions: failed }, 'batch failed and will be delivered again');
    } finally {
      for (const lease of leases) lease.isBusy = false;
    }
  }

  return {
    mayBegin(): boolean {
      if (underWay.size === 0) return true;
      return underWay.size < batchesAtOnceMax && performance.now() - begunAt > patienceMs;
    },
    begin(parts: readonly Part[]): void {
      begunAt = performance.now();
      const job = work(parts).finally(() => {
        underWay.delete(job);
        onDone();
      });
      underWay.add(job);
    },
    done: async (): Promise<void> => void (await Promise.all(underWay)),
  };
}

function finish({ lease, records }: Part): void {
  lease.position = (records.at(-1)?.position ?? lease.position) + 1n;
  lease.failures = 0;
}

function postpone(lease: Held): void {
  lease.failures += 1;
  lease.retryAt = performance.now() + Math.min(retryMsMax, retryMsMin * 2 ** lease.failures);
}

function partitionsOf(topic: TopicName): { topic: TopicName; partition: number }[] {
  return Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition }));
}
