import type { Kysely, Transaction } from 'kysely';

/** Work that was not through in its time: its transaction is rolled back. */
class WorkOverdue extends Error {
  override name = 'WorkOverdue';
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
  try {
    const result = await inTime(msMax, work(trx));
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
