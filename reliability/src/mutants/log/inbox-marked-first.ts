import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import * as original from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

export * from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

/** Commits the marks before the effects begin. */
export const takeUnblocked: typeof original.takeUnblocked = async (trx, consumer, events) => {
  const fresh = await original.takeUnblocked(trx, consumer, events);
  await commitMarks(trx);
  return fresh;
};

export const takeNew: typeof original.takeNew = async (trx, consumer, eventIds) => {
  const fresh = await original.takeNew(trx, consumer, eventIds);
  await commitMarks(trx);
  return fresh;
};

async function commitMarks<Tables>(trx: Transaction<Tables>): Promise<void> {
  await sql`commit`.execute(trx);
  await sql`begin`.execute(trx);
}
