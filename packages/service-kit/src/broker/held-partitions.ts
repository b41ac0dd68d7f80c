import type { TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import { balance, claimPartitions, commitPosition, extendLeases, type Lease } from './embedded-leases.ts';

/** A partition that this member works on while its lease lasts. */
export interface Held extends Lease {
  /** Aborts when the lease is lost. */
  readonly lost: AbortController;
  isBusy: boolean;
  /** The number of failed batches in a row, and when to try again. */
  failures: number;
  retryAt: number;
}

interface Member {
  readonly pool: Pool;
  readonly group: string;
  readonly memberId: string;
  readonly leaseMs: number;
  readonly partitions: readonly { readonly topic: TopicName; readonly partition: number }[];
}

export interface HeldPartitions {
  list(): Held[];
  find(partition: { readonly topic: string; readonly partition: number } | undefined): Held | null;
  /** Whether the lease is still valid here: the partition may have been claimed again meanwhile. */
  has(lease: Held): boolean;
  /** Whether this member holds more than its share of the partitions. */
  isAboveShare(): boolean;
  forget(lease: Held): void;
  /** Forgets the lease, and aborts the work on it. */
  drop(lease: Held): void;
  /** Extends the leases, gives back idle partitions above the share and claims those below it. */
  renew(): Promise<void>;
}

export function createHeldPartitions({ pool, group, memberId, leaseMs, partitions }: Member): HeldPartitions {
  const held = new Map<string, Held>();
  let share = 0;
  const has = (lease: Held): boolean => held.get(nameOf(lease)) === lease;

  function forget(lease: Held): void {
    if (has(lease)) held.delete(nameOf(lease));
  }

  function drop(lease: Held): void {
    lease.lost.abort();
    forget(lease);
  }

  async function renew(): Promise<void> {
    const kept = await extendLeases(pool, group, memberId, [...held.values()], leaseMs);
    for (const lease of held.values()) if (kept.get(nameOf(lease)) !== lease.generation) drop(lease);
    share = await balance(pool, group, memberId, leaseMs, partitions.length);
    const idle = [...held.values()].filter((lease) => !lease.isBusy);
    for (const lease of idle.slice(0, Math.max(0, held.size - share))) {
      drop(lease);
      await commitPosition(pool, group, memberId, lease, lease.position, 'release');
    }
    const wanted = share - held.size;
    if (wanted <= 0) return;
    for (const lease of await claimPartitions(pool, group, memberId, leaseMs, partitions, wanted)) {
      held.set(nameOf(lease), { ...lease, lost: new AbortController(), isBusy: false, failures: 0, retryAt: 0 });
    }
  }

  return {
    list: () => [...held.values()],
    find: (partition) => (partition === undefined ? null : (held.get(nameOf(partition)) ?? null)),
    has,
    isAboveShare: () => held.size > share,
    forget,
    drop,
    renew,
  };
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
