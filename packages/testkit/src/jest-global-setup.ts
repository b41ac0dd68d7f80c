import { startTestPostgres } from './postgres.ts';

/** Starts one Postgres for the whole run and passes its address to the test files. */
export default async function globalSetup(): Promise<void> {
  // When the projects with and without Kafka run together, each one calls the setup.
  if (Reflect.has(globalThis, '__crossdeskStopPostgres')) return;
  const postgres = await startTestPostgres();
  process.env['CROSSDESK_TEST_ADMIN_URL'] = postgres.adminUrl;
  Reflect.set(globalThis, '__crossdeskStopPostgres', postgres.stop);
}
