import * as original from '../../../../packages/service-kit/src/db/migrate.ts';
import { dropKey } from '../drop-key.ts';

export * from '../../../../packages/service-kit/src/db/migrate.ts';

/** Two entries of a chain may have the same number. */
export const prepareSchema: typeof original.prepareSchema = async (databaseUrl, master, schema) => {
  await original.prepareSchema(databaseUrl, master, schema);
  if (schema !== original.embeddedLogSchema) await dropKey(databaseUrl, schema.service, 'audit_entry');
};
