import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as original from '../../../../packages/service-kit/src/db/migrate.ts';

export * from '../../../../packages/service-kit/src/db/migrate.ts';

type Schema = original.ServiceSchema;

export const migrate: typeof original.migrate = (adminUrl, keys, schema) =>
  withNewColumn(schema, (next) => original.migrate(adminUrl, keys, next));

export const prepareSchema: typeof original.prepareSchema = (databaseUrl, keys, schema) =>
  withNewColumn(schema, (next) => original.prepareSchema(databaseUrl, keys, next));

/** Adds a migration to those of automation. */
async function withNewColumn(schema: Schema, prepare: (schema: Schema) => Promise<void>): Promise<void> {
  if (schema.service !== 'automation') return prepare(schema);
  const migrationsDirectory = mkdtempSync(join(tmpdir(), 'crossdesk-next-migrations-'));
  try {
    cpSync(schema.migrationsDirectory, migrationsDirectory, { recursive: true });
    const migration = 'alter table message_analysis add column word_count integer;\n';
    writeFileSync(join(migrationsDirectory, '9999_word_count.sql'), migration);
    await prepare({ ...schema, migrationsDirectory });
  } finally {
    rmSync(migrationsDirectory, { recursive: true });
  }
}
