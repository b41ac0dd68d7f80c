import type { Kysely, Transaction } from 'kysely';

/** Work that did not end in time: its transaction is rolled back. */
class WorkOverdue extends Error {
  override name = 'WorkOverdue';
}

/** The work took longer than its transaction may. */
export function isWorkOverdue(error: unknown): boolean {
  return error instanceof WorkOverdue;
}

interface Steps {
  readonly beforeCommit: (() => Promise<void>)[];
  readonly afterCommit: Set<() => void>;
}

const stepsOf = new WeakMap<object, Steps>();

/**
 * Runs a step when all other work of the transaction is done, right before its commit: for a contended lock that must
 * not be held while the transaction waits for others. The transaction must be one of a service's `Database`.
 */
export function beforeCommit<Tables>(trx: Transaction<Tables>, step: () => Promise<void>): void {
  const steps = stepsOf.get(trx);
  if (steps === undefined) throw new Error('this transaction was not opened by Database, which runs last steps');
  steps.beforeCommit.push(step);
}

/**
 * Runs a step once the transaction is committed, and only then: whoever it wakes finds what was written. The same step
 * runs once. A rebuild opens its transactions itself: nobody is to be woken by them.
 */
export function afterCommit<Tables>(trx: Transaction<Tables>, step: () => void): void {
  stepsOf.get(trx)?.afterCommit.add(step);
}

/**
 * One transaction that ends in time even if its work never does: Postgres limits statements, but does not see work that
 * waits for something else. The rollback waits for the running statement and allows no other after it, so statements of
 * late work are refused. (`transaction().execute` would let it through while the rollback is under way, outside of any
 * transaction.)
 * @throws WorkOverdue
 */
export async function timedTransaction<Tables, Result>(
  db: Kysely<Tables>,
  msMax: number,
  work: (trx: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  const trx = await db.startTransaction().execute();
  const steps: Steps = { beforeCommit: [], afterCommit: new Set() };
  stepsOf.set(trx, steps);
  const whole = async (): Promise<Result> => {
    const result = await work(trx);
    for (const step of steps.beforeCommit) await step();
    return result;
  };
  try {
    const result = await inTime(msMax, whole());
    await trx.commit().execute();
    for (const step of steps.afterCommit) step();
    return result;
  } catch (error) {
    const rollback = trx.rollback().execute();
    // Postgres may already have ended the session, which was idle for the same time.
    await (error instanceof WorkOverdue ? rollback.catch(() => undefined) : rollback);
    throw error;
  }
}

async function inTime<Result>(msMax: number, work: Promise<Result>): Promise<Result> {
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(new WorkOverdue(`did not end within ${msMax / 1_000} s`)), msMax);
  try {
    return await Promise.race([work, overdue.promise]);
  } finally {
    clearTimeout(timer);
  }
}
