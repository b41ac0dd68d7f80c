import { sql } from 'kysely';
import * as original from '../../../../packages/service-kit/src/db/database.ts';

export * from '../../../../packages/service-kit/src/db/database.ts';

/** Leaves the tenant set on the connection when the transaction is over. */
export const openDatabase: typeof original.openDatabase = <Tables>(
  options: original.DatabaseOptions,
): original.Database<Tables> => {
  const database = original.openDatabase<Tables>(options);
  return {
    ...database,
    forTenant: (tenantId, work) =>
      database.forTenant(tenantId, async (trx) => {
        await sql`select set_config('app.tenant_id', ${tenantId}, false)`.execute(trx);
        return work(trx);
      }),
  };
};
