import { embeddedLogSchema, migrate } from '@crossdesk/service-kit';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrateConfig } from './config.ts';

const servicesDirectory = join(import.meta.dirname, '../../../services');

/** The services with a database; the gateway stores nothing. */
export const services: readonly string[] = readdirSync(servicesDirectory).filter((service) => service !== 'gateway');

/** Migrates the schemas of all services, so that the services can run without administrator rights. */
export async function migrateAll(config: MigrateConfig, progress: (schema: string) => void): Promise<void> {
  await migrate(config.adminUrl, config.keys, embeddedLogSchema);
  progress(embeddedLogSchema.service);
  for (const service of services) {
    await migrateService(config, service);
    progress(service);
  }
}

/** Migrates the schema of one service, which may have its own server. */
export function migrateService({ adminUrl, keys }: MigrateConfig, service: string): Promise<void> {
  return migrate(adminUrl, keys, { service, migrationsDirectory: join(servicesDirectory, service, 'migrations') });
}
