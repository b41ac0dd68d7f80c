import { sql } from 'kysely';
import * as original from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

export * from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

/** Commits the marks before the effects begin. */
export const takeNew: typeof original.takeNew = async (trx, consumer, eventIds) => {
  const fresh = await original.takeNew(trx, consumer, eventIds);
  await sql`commit`.execute(trx);
  await sql`begin`.execute(trx);
  return fresh;
};
