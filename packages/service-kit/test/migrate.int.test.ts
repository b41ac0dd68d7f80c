import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { firstIdAt, newId } from '@crossdesk/contracts';
import { testKeys } from '@crossdesk/testkit';
import { Client } from 'pg';
import { embeddedLogSchema, migrate, prepareSchema, serviceUrl } from '../src/db/migrate.ts';
import { keysOf } from '../src/runtime/keys.ts';
import { startJobs } from '../src/runtime/jobs.ts';
import { createLog } from '../src/runtime/log.ts';
import { probeSchema } from './support/probe.ts';

const adminUrl = process.env['CROSSDESK_TEST_ADMIN_URL'] ?? '';
const names = [1, 2].map(() => `test_${newId().replaceAll('-', '')}`);
const urls = names.map((name) => {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.toString();
});
const [first = '', second = ''] = urls;

async function query<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  for (const name of names) await query(adminUrl, `create database ${name} template template0`);
});

afterAll(async () => {
  for (const name of names) await query(adminUrl, `drop database ${name} with (force)`);
});

const tablesOf = (url: string) =>
  query<{ name: string }>(
    url,
    `select relname as name from pg_class where relnamespace = 'probe'::regnamespace and relkind in ('r', 'p') order by 1`,
  );

/** A service of its own, so that its roles and schemas are new. */
const newSchema = () => ({ ...probeSchema, service: `probe_${newId().slice(-8)}` });

async function drop(service: string): Promise<void> {
  for (const url of urls)
    await query(url, `drop schema if exists ${service} cascade; drop schema if exists ${service}_jobs cascade`);
  await query(
    first,
    ['app', 'worker', 'owner'].map((role) => `drop role if exists crossdesk_${service}_${role}`).join(';'),
  );
}

test('several processes may migrate an empty database at once, and another database of the server too', async () => {
  for (let round = 0; round < 3; round += 1) {
    const schema = newSchema();
    const migrations = Array.from({ length: 4 }, () => urls.map((url) => migrate(url, testKeys, schema))).flat();
    const outcomes = await Promise.allSettled(migrations);
    await drop(schema.service);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  }
  await Promise.all(
    urls.flatMap((url) => [migrate(url, testKeys, probeSchema), migrate(url, testKeys, embeddedLogSchema)]),
  );
  expect(await tablesOf(first)).toEqual(await tablesOf(second));
  expect((await tablesOf(first)).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['stream', 'outbox_event', 'consumed_event', 'dead_letter']),
  );
});

test('a second migration changes nothing', async () => {
  const before = await tablesOf(first);
  await migrate(first, testKeys, probeSchema);
  expect(await tablesOf(first)).toEqual(before);
  const applied = await query<{ name: string }>(first, 'select name from probe.kysely_migration order by name');
  expect(applied.map(({ name }) => name)).toEqual(['0000_kit', '0001_probe']);
});

describe('a process whose address names no user', () => {
  const withoutUser = (url: string) => {
    const address = new URL(url);
    address.username = address.password = '';
    return address.toString();
  };

  test('uses a schema that is already migrated', async () => {
    await migrate(first, testKeys, probeSchema);
    await expect(prepareSchema(withoutUser(first), testKeys, probeSchema)).resolves.toBeUndefined();
  });

  test('is told to run the migrate job if the schema is not migrated', async () => {
    const schema = newSchema();
    await expect(prepareSchema(withoutUser(first), testKeys, schema)).rejects.toThrow(/run the migrate job/);
    expect(await query(first, `select from pg_namespace where nspname = '${schema.service}'`)).toEqual([]);
  });

  test('is told which migrations are pending when they are older than its own', async () => {
    await query(first, `update probe.kysely_migration set name = '0001_older' where name = '0001_probe'`);
    const refusal = await prepareSchema(withoutUser(first), testKeys, probeSchema).catch((error: Error) => error);
    await query(first, `update probe.kysely_migration set name = '0001_probe' where name = '0001_older'`);
    expect(refusal).toMatchObject({ cause: { message: 'its migrations 0001_probe are pending' } });
  });
});

test('the version before starts on a database that a later version has migrated', async () => {
  const applied = async () =>
    (await query<{ name: string }>(first, 'select name from probe.kysely_migration')).map(({ name }) => name).sort();
  const known = await applied();
  await query(first, `insert into probe.kysely_migration values ('9999_later', now()::text)`);
  await expect(migrate(first, testKeys, probeSchema)).resolves.toBeUndefined();
  const after = await applied();
  await query(first, `delete from probe.kysely_migration where name = '9999_later'`);
  expect(after).toEqual([...known, '9999_later']);
});

test('another master secret changes the passwords of the roles', async () => {
  const other = keysOf(Buffer.alloc(32, 9));
  const schema = newSchema();
  const { service } = schema;
  await migrate(second, other, schema);
  expect(await query(serviceUrl(second, other, service, 'app'), 'select 1 as one')).toEqual([{ one: 1 }]);
  await migrate(second, testKeys, schema);
  await expect(query(serviceUrl(second, other, service, 'app'), 'select 1')).rejects.toThrow(
    /password authentication failed/,
  );
  await drop(service);
});

test('no statement contains a password, so that no log of the server does', async () => {
  const schema = newSchema();
  const { service } = schema;
  const admin = jest.spyOn(Client.prototype, 'query');
  try {
    await migrate(second, testKeys, schema);
    const sent = JSON.stringify(admin.mock.calls.map(([statement]) => statement));
    expect(sent).toContain(`alter role crossdesk_${service}_app password 'SCRAM-SHA-256$`);
    for (const role of ['app', 'worker'] as const)
      expect(sent).not.toContain(new URL(serviceUrl(second, testKeys, service, role)).password);
  } finally {
    admin.mockRestore();
  }
  await drop(service);
});

test('rare jobs start with only the rights of the worker role', async () => {
  const workerUrl = serviceUrl(first, testKeys, 'probe', 'worker');
  const log = createLog('test', 'silent');
  const jobs = await startJobs({
    service: 'probe',
    workerUrl,
    log,
    jobs: [{ name: 'sweep', cron: '17 3 * * *', run: async () => undefined }],
  });
  await jobs.stop();
  const tables = await query(
    first,
    `select from pg_tables where schemaname = 'probe_jobs' and tableowner <> 'crossdesk_probe_worker'`,
  );
  expect(tables).toEqual([]);
});

describe('monthly partitions', () => {
  const now = new Date();
  const months = [0, 1, 2].map((ahead) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)));
  const boundsOf = (url: string) =>
    query<{ name: string; bounds: string }>(
      url,
      `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds from pg_class c
       join pg_inherits i on i.inhrelid = c.oid where i.inhparent = 'probe.outbox_event'::regclass order by 1`,
    );
  const expected = [
    ...months.map((month) => {
      const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
      return {
        name: `outbox_event_${month.toISOString().slice(0, 7).replace('-', '_')}`,
        bounds: `FOR VALUES FROM ('${firstIdAt(month)}') TO ('${firstIdAt(next)}')`,
      };
    }),
    { name: 'outbox_event_default', bounds: 'DEFAULT' },
  ];

  test('this month and the next two have partitions', async () => {
    expect(await boundsOf(first)).toEqual(expected);
  });

  test.each(['America/New_York', 'Europe/Berlin', 'Pacific/Auckland', 'Asia/Shanghai'])(
    'they are months of UTC on a server in %s',
    async (zone) => {
      const partitions = expected
        .filter(({ bounds }) => bounds !== 'DEFAULT')
        .map(({ name }) => `drop table probe.${name}`);
      await query(first, partitions.join(';'));
      const [{ database } = { database: '' }] = await query<{ database: string }>(
        first,
        'select current_database() as database',
      );
      await query(first, `alter database ${database} set timezone to '${zone}'`);
      await query(serviceUrl(first, testKeys, 'probe', 'worker'), 'select probe.ensure_month_partitions()');
      expect(await boundsOf(first)).toEqual(expected);
    },
  );

  test('a new event is stored in the partition of its month', async () => {
    await query(
      serviceUrl(first, testKeys, 'probe', 'worker'),
      `insert into outbox_event (event_id, tenant_id, topic, key, envelope) values ('${newId()}', '${newId()}', 't', '${newId()}', '{}')`,
    );
    const rows = await query<{ place: string }>(
      first,
      'select tableoid::regclass::text as place from probe.outbox_event',
    );
    expect(rows).toEqual([{ place: `probe.${expected[0]?.name}` }]);
  });
});
