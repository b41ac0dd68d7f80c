import { embeddedLogSchema, migrate } from '@crossdesk/service-kit';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrateConfig } from './config.ts';

const servicesDirectory = join(import.meta.dirname, '../../../services');

/** Brings the schemas of all services up to date, so that they can run without an administrator's rights. */
export async function migrateAll(
  { adminUrl, master }: MigrateConfig,
  progress: (schema: string) => void,
): Promise<void> {
  const owned = readdirSync(servicesDirectory).map((service) => ({
    service,
    migrationsDirectory: join(servicesDirectory, service, 'migrations'),
  }));
  // The gateway keeps nothing.
  for (const schema of [embeddedLogSchema, ...owned.filter(({ service }) => service !== 'gateway')]) {
    await migrate(adminUrl, master, schema);
    progress(schema.service);
  }
}
