import * as original from '../../../../packages/service-kit/src/db/migrate.ts';
import { dropKey } from '../drop-key.ts';

export * from '../../../../packages/service-kit/src/db/migrate.ts';

/** A delivery may be stored twice. */
export const prepareSchema: typeof original.prepareSchema = async (databaseUrl, keys, schema) => {
  await original.prepareSchema(databaseUrl, keys, schema);
  if (schema.service === 'ingest') await dropKey(databaseUrl, schema.service, 'webhook_receipt');
};
