import { sql } from 'kysely';
import * as original from '../../../../packages/service-kit/src/audit/audit.store.ts';

export * from '../../../../packages/service-kit/src/audit/audit.store.ts';

/** Commits the work of the mutation before its entry is written. */
export const lockHead: typeof original.lockHead = async (trx, tenantId) => {
  await sql`commit`.execute(trx);
  await sql`begin`.execute(trx);
  await sql`select set_config('app.tenant_id', ${tenantId}, true)`.execute(trx);
  return original.lockHead(trx, tenantId);
};
