import { sql } from 'kysely';
import * as original from '../../../../packages/service-kit/src/outbox/erase-history.ts';

export * from '../../../../packages/service-kit/src/outbox/erase-history.ts';

/** Erases nothing in the history of the conversation service. */
export const eraseHistory: typeof original.eraseHistory = async (trx, tenantId, keys) => {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(trx);
  return rows[0]?.schema === 'conversation' ? [] : original.eraseHistory(trx, tenantId, keys);
};
