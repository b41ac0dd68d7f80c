import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import { type Lease, type Leaseholder, renewLeases } from './embedded-leases.ts';

/** A member of a group in this process. */
export interface GroupMember extends Leaseholder {
  renewed(kept: ReadonlySet<Lease>, members: readonly string[]): Promise<void>;
  /** The log cannot be reached. */
  failed(): void;
}

/** Renews the leases of all members of a process with one statement, however many there are. */
export interface LeaseKeeper {
  join(member: GroupMember): void;
  /** Resolves when nothing more is done for the member. */
  leave(member: GroupMember): Promise<void>;
}

export function createLeaseKeeper(pool: Pool, log: Logger, leaseMs: number): LeaseKeeper {
  const members = new Set<GroupMember>();
  const wakeUp = createWakeUp();
  let running: Promise<void> | null = null;
  let renewing: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    const now = [...members];
    try {
      const { kept, living } = await renewLeases(pool, now, leaseMs);
      for (const member of now)
        if (members.has(member)) await member.renewed(kept, living.get(member.group) ?? [member.memberId]);
    } catch (err) {
      log.warn({ err }, 'cannot renew the leases of the log');
      for (const member of now) member.failed();
    }
  }

  async function run(): Promise<void> {
    while (members.size > 0) {
      renewing = renew();
      await renewing;
      await wakeUp.sleep(leaseMs / 4);
    }
    running = null;
  }

  return {
    join(member) {
      members.add(member);
      wakeUp.wake();
      running ??= run();
    },
    async leave(member) {
      members.delete(member);
      wakeUp.wake();
      await renewing;
    },
  };
}
