import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLog, openBroker, serviceUrl } from '@crossdesk/service-kit';
import { cloneDatabase, type TestDatabase, testKeys } from '@crossdesk/testkit';
import { Client } from 'pg';
import { migrateAll } from '../src/migrate-all.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await cloneDatabase();
});

afterAll(() => database.drop());

test('the schemas of every service and of the log are migrated, and no others', async () => {
  const schemas: string[] = [];
  await migrateAll({ adminUrl: database.url, keys: testKeys }, (schema) => schemas.push(schema));
  expect(schemas).toEqual(['broker', 'analytics', 'automation', 'conversation', 'crm', 'ingest']);
});

test('after the migration, processes work with an address without a user', async () => {
  const address = new URL(database.url);
  address.username = address.password = '';
  const options = {
    kafka: null,
    databaseUrl: address.toString(),
    keys: testKeys,
    log: createLog('test', 'silent'),
  };
  const broker = await openBroker(options);
  expect(await broker.lag('nobody', ['ingest.inbound'])).toBe(0n);
  await broker.close();
  const client = new Client({ connectionString: serviceUrl(options.databaseUrl, testKeys, 'crm', 'worker') });
  await client.connect();
  const { rows } = await client.query('select rolcreaterole, rolsuper from pg_roles where rolname = current_user');
  await client.end();
  expect(rows).toEqual([{ rolcreaterole: false, rolsuper: false }]);
});
