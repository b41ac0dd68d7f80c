import type { Kysely, Transaction } from 'kysely';

/** Work that was not through in its time: its transaction is rolled back. */
class WorkOverdue extends Error {
  override name = 'WorkOverdue';
}

type LastStep = () => Promise<void>;

const lastSteps = new WeakMap<object, LastStep[]>();

/**
 * Runs a step when all other work of the transaction is done, right before its commit: for a lock that everybody wants and
 * nobody may wait behind. The transaction must be one of a service's `Database`.
 */
export function beforeCommit<Tables>(trx: Transaction<Tables>, step: LastStep): void {
  const steps = lastSteps.get(trx);
  if (steps === undefined) throw new Error('this transaction was begun by nobody who runs its last steps');
  steps.push(step);
}

/**
 * One transaction that ends in time even if its work never does: Postgres bounds statements, and sees nothing of work that
 * waits for something else. Rolling back waits for the statement in hand and lets no other follow, so what late work still
 * tries is refused. (`transaction().execute` would let it through while the rollback is under way, outside of any transaction.)
 * @throws WorkOverdue
 */
export async function timedTransaction<Tables, Result>(
  db: Kysely<Tables>,
  msMax: number,
  work: (trx: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  const trx = await db.startTransaction().execute();
  const steps: LastStep[] = [];
  lastSteps.set(trx, steps);
  const whole = async (): Promise<Result> => {
    const result = await work(trx);
    for (const step of steps) await step();
    return result;
  };
  try {
    const result = await inTime(msMax, whole());
    await trx.commit().execute();
    return result;
  } catch (error) {
    const rollback = trx.rollback().execute();
    // Postgres may have ended the session already: it was idle for as long.
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
