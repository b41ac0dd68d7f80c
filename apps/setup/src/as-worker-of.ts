import { openDatabase, serviceUrl } from '@crossdesk/service-kit';
import type { Kysely } from 'kysely';
import type { MigrateConfig } from './config.ts';

/** Runs an action in the schema of a service, with the role of its consumers. */
export async function asWorkerOf<Result>(
  { adminUrl, keys }: MigrateConfig,
  service: string,
  work: (db: Kysely<unknown>, service: string) => Promise<Result>,
): Promise<Result> {
  const workerUrl = serviceUrl(adminUrl, keys, service, 'worker');
  const database = openDatabase({
    appUrl: workerUrl,
    workerUrl,
    connectionsMax: 1,
    onConnectionError: () => undefined,
  });
  try {
    return await work(database.worker, service);
  } finally {
    await database.close();
  }
}
