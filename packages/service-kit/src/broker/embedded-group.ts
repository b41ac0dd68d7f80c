import { newId, type TopicName, topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { IncomingRecord, OnBatch, Running, Subscription } from './broker.port.ts';
import { balance, claimPartitions, commitPosition, extendLeases, type Lease, leaveGroup } from './embedded-leases.ts';
import type { Nudges } from './embedded-nudges.ts';
import { readRecords } from './embedded-read.ts';

interface GroupDeps {
  readonly pool: Pool;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly lingerMs: number;
  readonly nudges: Nudges;
}

interface Held extends Lease {
  readonly lost: AbortController;
  isBusy: boolean;
  /** Batches in a row that failed, and when to try again. */
  failures: number;
  retryAt: number;
}

/** How many partitions one member works on at a time: each holds a database connection of its service meanwhile. */
const partitionsAtOnceMax = 3;
const retryMsMin = 50;
const retryMsMax = 5_000;

/**
 * One member of a consumer group: leases its share of the partitions, reads them, commits what is done. A partition is
 * worked by one member at a time; one that lost its lease finds its commit refused.
 */
export async function startGroupMember(
  deps: GroupDeps,
  subscription: Subscription,
  onBatch: OnBatch,
): Promise<Running> {
  const { pool, log, nudges } = deps;
  const { group } = subscription;
  const memberId = newId();
  const wakeUp = createWakeUp();
  const gather = createWakeUp();
  const unlisten = nudges.listen(subscription.topics, wakeUp.wake);
  const held = new Map<string, Held>();
  const working = new Set<Promise<void>>();
  let isStopping = false;
  let trouble: string | null = null;
  let renewAt = 0;
  let caughtUpAt = -Infinity;
  /** Batches that are read and wait for room. */
  const ready: { readonly lease: Held; readonly records: readonly IncomingRecord[] }[] = [];
  let share = 0;

  const all = subscription.topics.flatMap(partitionsOf);

  /** The same partition may have been claimed anew meanwhile. */
  function forget(lease: Held): void {
    if (held.get(nameOf(lease)) === lease) held.delete(nameOf(lease));
  }

  function drop(lease: Held): void {
    lease.lost.abort();
    forget(lease);
  }

  async function renew(): Promise<void> {
    const kept = await extendLeases(pool, group, memberId, [...held.values()], deps.leaseMs);
    for (const lease of held.values()) if (kept.get(nameOf(lease)) !== lease.generation) drop(lease);
    share = await balance(pool, group, memberId, deps.leaseMs, all.length);
    const idle = [...held.values()].filter((lease) => !lease.isBusy);
    for (const lease of idle.slice(0, Math.max(0, held.size - share))) {
      drop(lease);
      await commitPosition(pool, group, memberId, lease, lease.position, 'release');
    }
    const wanted = share - held.size;
    if (wanted > 0) {
      for (const lease of await claimPartitions(pool, group, memberId, deps.leaseMs, all, wanted)) {
        held.set(nameOf(lease), newlyHeld(lease));
      }
    }
  }

  async function work(lease: Held, records: readonly IncomingRecord[]): Promise<void> {
    const next = (records.at(-1)?.position ?? lease.position) + 1n;
    try {
      await onBatch({
        topic: lease.topic,
        partition: lease.partition,
        records,
        signal: lease.lost.signal,
        heartbeat: async () => lease.lost.signal.throwIfAborted(),
      });
      // Under constant load a partition is never idle: what is above the share is given back between two batches.
      const isKept = !isStopping && held.size <= share;
      if (!isKept) forget(lease);
      const isMine = await commitPosition(pool, group, memberId, lease, next, isKept ? 'keep' : 'release');
      if (isMine) lease.position = next;
      else drop(lease);
      lease.failures = 0;
      wakeUp.wake();
    } catch (err) {
      lease.failures += 1;
      lease.retryAt = performance.now() + Math.min(retryMsMax, retryMsMin * 2 ** lease.failures);
      const { topic, partition, failures } = lease;
      log.warn({ err, group, topic, partition, failures }, 'batch will come again');
    } finally {
      lease.isBusy = false;
    }
  }

  async function dispatch(): Promise<void> {
    if (working.size < partitionsAtOnceMax && ready.length === 0) await readAll();
    for (const next of ready.splice(0, partitionsAtOnceMax - working.size)) {
      // Taken away while it waited: whoever holds the partition now reads it anew.
      if (held.get(nameOf(next.lease)) !== next.lease) continue;
      const job = work(next.lease, next.records).finally(() => working.delete(job));
      working.add(job);
    }
  }

  /** One read for every partition that is free. What is read once is worked on, however long it waits for room. */
  async function readAll(): Promise<void> {
    const now = performance.now();
    const free = [...held.values()].filter((lease) => !lease.isBusy && lease.retryAt <= now);
    const batches = await readRecords(pool, free, subscription.batchSizeMax);
    if (batches.length > 0 && batches.every(({ length }) => length < subscription.batchSizeMax)) caughtUpAt = now;
    for (const records of batches) {
      const lease = held.get(`${records[0]?.topic}/${records[0]?.partition}`);
      if (lease !== undefined) ready.push({ lease, records });
    }
    for (const { lease } of ready) lease.isBusy = true;
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      try {
        if (performance.now() >= renewAt) {
          await renew();
          renewAt = performance.now() + deps.leaseMs / 4;
        }
        await dispatch();
        trouble = null;
      } catch (err) {
        trouble = 'cannot reach the log';
        log.warn({ err, group }, 'consumer backs off');
        await wakeUp.sleep(500);
      }
      await wakeUp.sleep(deps.pollMs);
      // A lone message goes through at once; a stream is taken in gulps; a backlog without a pause.
      if (ready.length === 0 && performance.now() - caughtUpAt < 2 * deps.lingerMs) await gather.sleep(deps.lingerMs);
    }
  }

  const running = run();
  return {
    problem: () => trouble ?? ([...held.values()].some((lease) => lease.failures > 0) ? 'batches fail' : null),
    stop: async () => {
      isStopping = true;
      unlisten();
      wakeUp.wake();
      gather.wake();
      await running;
      await Promise.all(working);
      await leaveGroup(pool, group, memberId);
    },
  };
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}

function newlyHeld(lease: Lease): Held {
  return { ...lease, lost: new AbortController(), isBusy: false, failures: 0, retryAt: 0 };
}

function partitionsOf(topic: TopicName): { topic: TopicName; partition: number }[] {
  return Array.from({ length: topics[topic].partitions }, (_, partition) => ({ topic, partition }));
}
