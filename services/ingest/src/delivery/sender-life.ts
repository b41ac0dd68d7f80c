import { createWakeUp, type Stoppable } from '@crossdesk/service-kit';
import type { Kysely } from 'kysely';
import { randomInt } from 'node:crypto';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { endLeases, findDeadSenders, lockLife, unlockLife } from './sender-life.store.ts';

/** Shows to others that this process lives, and ends the leases of those that do not. */
export interface SenderLife extends Stoppable {
  /** The number that claims of this process carry; null while it cannot show that it lives: then only the lease counts. */
  id(): number | null;
}

const lookEveryMs = 1_000;
/** After a restart of the database everybody connects again: a process counts as dead after this many looks in a row. */
const looksUntilDead = 3;
const idMax = 2 ** 31 - 1;

/**
 * Holds a lock of the database that ends with the process, however it ends (ADR 0061). The replies that a dead process
 * was sending become doubtful within seconds; without this they would wait for the end of their lease.
 */
export function startSenderLife({ runtime: { db, log } }: Pick<IngestDeps, 'runtime'>): SenderLife {
  const wakeUp = createWakeUp();
  const own = randomInt(1, idMax);
  let isHeld = false;
  let isStopping = false;

  async function live(connection: Kysely<DB>): Promise<void> {
    await lockLife(connection, own);
    isHeld = true;
    let missed = new Map<number, number>();
    while (!isStopping) {
      const dead = await findDeadSenders(connection, own);
      missed = new Map(dead.map((id) => [id, (missed.get(id) ?? 0) + 1]));
      const ended = dead.filter((id) => (missed.get(id) ?? 0) >= looksUntilDead);
      if (ended.length > 0) {
        const replies = await endLeases(connection, ended);
        log.warn({ replies }, 'a process died while it was sending replies: their outcome is looked up');
      }
      await wakeUp.sleep(lookEveryMs);
    }
    // The connection goes back to the pool, with its locks.
    isHeld = false;
    await unlockLife(connection, own);
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      try {
        await db.worker.connection().execute(live);
      } catch (err) {
        isHeld = false;
        log.warn({ err }, 'this process cannot show that it lives; it tries again');
        await wakeUp.sleep(lookEveryMs);
      }
    }
  }

  const running = run();
  return {
    name: 'sender life',
    id: () => (isHeld ? own : null),
    stop: async () => {
      isStopping = true;
      wakeUp.wake();
      await running;
    },
  };
}
