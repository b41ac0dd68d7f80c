import type { TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import { claimPartitions, type Lease, leaveGroup, releaseLeases } from './embedded-leases.ts';

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
  /** Gives back those of the given partitions that are above the share of this member. */
  giveBack(leases: readonly Held[]): Promise<void>;
  /**
   * After a renewal: drops what it has lost, gives back idle partitions above the share and claims those below it. True if
   * there are new ones.
   */
  renewed(kept: ReadonlySet<Lease>, members: readonly string[]): Promise<boolean>;
  /** Gives everything back. */
  leave(): Promise<void>;
}

export function createHeldPartitions({ pool, group, memberId, leaseMs, partitions }: Member): HeldPartitions {
  const held = new Map<string, Held>();
  let share = 0;
  const has = (lease: Held): boolean => held.get(nameOf(lease)) === lease;

  /** Forgets the lease, and aborts the work on it. */
  function drop(lease: Held): void {
    lease.lost.abort();
    if (has(lease)) held.delete(nameOf(lease));
  }

  async function giveBack(leases: readonly Held[]): Promise<void> {
    const surplus = leases.filter(has).slice(0, Math.max(0, held.size - share));
    surplus.forEach(drop);
    await releaseLeases(pool, group, memberId, surplus);
  }

  async function renewed(kept: ReadonlySet<Lease>, members: readonly string[]): Promise<boolean> {
    for (const lease of held.values()) if (!kept.has(lease)) drop(lease);
    const rest = partitions.length % members.length;
    share = Math.floor(partitions.length / members.length) + (members.indexOf(memberId) < rest ? 1 : 0);
    await giveBack([...held.values()].filter((lease) => !lease.isBusy));
    const wanted = share - held.size;
    if (wanted <= 0) return false;
    const claimed = await claimPartitions(pool, group, memberId, leaseMs, partitions, wanted);
    for (const lease of claimed)
      held.set(nameOf(lease), { ...lease, lost: new AbortController(), isBusy: false, failures: 0, retryAt: 0 });
    return claimed.length > 0;
  }

  return {
    list: () => [...held.values()],
    find: (partition) => (partition === undefined ? null : (held.get(nameOf(partition)) ?? null)),
    has,
    giveBack,
    renewed,
    leave: () => leaveGroup(pool, group, memberId, [...held.values()]),
  };
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
