import { startTestPostgres } from './postgres.ts';

/** Starts one Postgres for the whole run and tells the test files where it is. */
export default async function globalSetup(): Promise<void> {
  const postgres = await startTestPostgres();
  process.env['CROSSDESK_TEST_ADMIN_URL'] = postgres.adminUrl;
  Reflect.set(globalThis, '__crossdeskStopPostgres', postgres.stop);
}
