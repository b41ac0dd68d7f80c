import { ConfigError, openDatabase, serviceUrl } from '@crossdesk/service-kit';
import type { Kysely } from 'kysely';
import type { MigrateConfig } from './config.ts';

/** The passwords of the services and the keys of their data come from the master secret. */
export const otherSecret =
  'CROSSDESK_SECRET is not the master secret of this installation; take the one that its services run with';

function isPasswordRefused(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === '28P01';
}

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
  } catch (cause) {
    if (!isPasswordRefused(cause)) throw cause;
    throw new ConfigError(`Postgres refuses the password of ${service}: ${otherSecret}`, { cause });
  } finally {
    await database.close();
  }
}
