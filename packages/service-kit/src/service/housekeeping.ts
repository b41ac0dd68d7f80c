import { sql } from 'kysely';
import { forgetClientRequests } from '../command/client-request.store.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../runtime/log.ts';

const consumedKeptDays = 60;
/** By then their rows are deleted: two whole months are more than sixty days after the last id was created. */
const consumedKeptMonths = 3;

/** Creates the next partitions, deletes marks of events that cannot come again, and drops expired history. */
export async function keepHouse<Tables>(
  db: Database<Tables>,
  outboxKeptMonths: number | null,
  log: Logger,
): Promise<void> {
  await sql`select ensure_month_partitions()`.execute(db.worker);
  await sql`delete from consumed_event where consumed_at < now() - ${consumedKeptDays} * interval '1 day'`.execute(
    db.worker,
  );
  await db.asWorker(forgetClientRequests);
  const kept = {
    consumed_event: consumedKeptMonths,
    ...(outboxKeptMonths === null ? {} : { outbox_event: outboxKeptMonths }),
  };
  for (const [parent, months] of Object.entries(kept)) {
    const { rows } = await sql<{ name: string }>`select drop_old_partitions(${parent}, ${months}) as name`.execute(
      db.worker,
    );
    if (rows.length > 0) log.info({ partitions: rows.map(({ name }) => name) }, 'old partitions dropped');
  }
}
