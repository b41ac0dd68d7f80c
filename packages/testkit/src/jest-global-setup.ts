import { startTestPostgres } from './postgres.ts';

/** Starts one Postgres for the whole run and tells the test files where it is. */
export default async function globalSetup(): Promise<void> {
  // Where the projects with and without Kafka run together, each has it set up.
  if (Reflect.has(globalThis, '__crossdeskStopPostgres')) return;
  const postgres = await startTestPostgres();
  process.env['CROSSDESK_TEST_ADMIN_URL'] = postgres.adminUrl;
  Reflect.set(globalThis, '__crossdeskStopPostgres', postgres.stop);
}
