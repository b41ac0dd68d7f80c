import { newId, type TopicName, topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import { createBatchesUnderWay } from './batches-under-way.ts';
import type { OnBatch, Running, Subscription } from './broker.port.ts';
import type { Nudges } from './embedded-nudges.ts';
import { createGroupReader, type GroupReader, type LeasedPart } from './embedded-reader.ts';
import { createHeldPartitions, type Held, type HeldPartitions } from './held-partitions.ts';
import type { GroupMember, LeaseKeeper } from './lease-keeper.ts';

interface GroupDeps {
  readonly pool: Pool;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly nudges: Nudges;
  readonly keeper: LeaseKeeper;
}

const batchesAtOnceMax = 3;
const retryMsMin = 50;
const retryMsMax = 5_000;
const backOffMs = 500;

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
  const { pool, log, nudges, leaseMs, pollMs, keeper } = deps;
  const memberId = newId();
  const { group, batchSizeMax } = subscription;
  const wakeUp = createWakeUp();
  const partitions = subscription.topics.flatMap(partitionsOf);
  const held = createHeldPartitions({ pool, group, memberId, leaseMs, partitions });
  const reader = createGroupReader({ pool, held, pollMs, batchSizeMax });
  const underWay = createBatchesUnderWay(batchesAtOnceMax, wakeUp.wake);
  let isStopping = false;
  let trouble: string | null = null;

  const member: GroupMember = {
    group,
    memberId,
    leases: held.list,
    renewed: async (kept, members) => {
      if (!(await held.renewed(kept, members))) return;
      reader.arrived();
      wakeUp.wake();
    },
    failed: () => {
      trouble = 'cannot reach the log';
    },
  };

  const unlisten = nudges.listen(subscription.topics, () => {
    reader.arrived();
    wakeUp.wake();
  });

  async function dispatch(): Promise<void> {
    while (underWay.mayBegin()) {
      const parts = await reader.next();
      if (parts.length === 0) return;
      underWay.begin(() => work({ log, group, held, reader, onBatch }, parts));
    }
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      try {
        await dispatch();
        trouble = null;
        await wakeUp.sleep(underWay.mayBegin() ? untilRetryMs(held.list(), pollMs) : pollMs);
      } catch (err) {
        trouble = 'cannot reach the log';
        log.warn({ err, group }, 'consumer backs off');
        await wakeUp.sleep(backOffMs);
      }
    }
  }

  keeper.join(member);
  const running = run();
  return {
    problem: () => trouble ?? (held.list().some((lease) => lease.failures > 0) ? 'batches fail' : null),
    stop: async () => {
      isStopping = true;
      unlisten();
      wakeUp.wake();
      await running;
      await underWay.done();
      await keeper.leave(member);
      await held.leave();
    },
  };
}

interface WorkDeps extends Pick<GroupDeps, 'log'> {
  readonly group: string;
  readonly held: HeldPartitions;
  readonly reader: GroupReader;
  readonly onBatch: OnBatch;
}

async function work({ log, group, held, reader, onBatch }: WorkDeps, parts: readonly LeasedPart[]): Promise<void> {
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
    reader.arrived();
    const failed = leases.map(({ topic, partition, failures }) => ({ topic, partition, failures }));
    log.warn({ err, group, partitions: failed }, 'batch failed and will be delivered again');
  } finally {
    for (const lease of leases) lease.isBusy = false;
  }
}

function finish({ lease, records }: LeasedPart): void {
  lease.position = (records.at(-1)?.position ?? lease.position) + 1n;
  lease.failures = 0;
}

function postpone(lease: Held): void {
  lease.failures += 1;
  lease.retryAt = performance.now() + Math.min(retryMsMax, retryMsMin * 2 ** lease.failures);
}

/** The time until a partition whose batch failed is tried again, at most the given one. */
function untilRetryMs(leases: readonly Held[], atMostMs: number): number {
  const failing = leases.filter(({ failures }) => failures > 0);
  const dueInMs = failing.map(({ retryAt }) => Math.max(retryMsMin, retryAt - performance.now()));
  return Math.min(atMostMs, ...dueInMs);
}

function partitionsOf(topic: TopicName): { topic: TopicName; partition: number }[] {
  return Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition }));
}
