import { withClient } from '../system/with-client.ts';

/** Drops the primary key of a table, if it is still there: services prepare their schema at every start. */
export async function dropKey(databaseUrl: string, schema: string, table: string): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query(`alter table ${schema}.${table} drop constraint if exists ${table}_pkey`),
  );
}
