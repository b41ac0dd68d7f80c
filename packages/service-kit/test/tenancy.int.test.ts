import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Client, Pool } from 'pg';
import { type Database, openDatabase } from '../src/db/database.ts';
import { type ServiceRole, serviceUrl } from '../src/db/migrate.ts';
import { keysOf } from '../src/runtime/keys.ts';
import { openProbe, type Probe, type ProbeTables } from './support/probe.ts';

let probe: Probe;
let app: Client;
let worker: Client;
const [mine, theirs] = [newId<TenantId>(), newId<TenantId>()];

async function connect(role: ServiceRole): Promise<Client> {
  const client = new Client({ connectionString: serviceUrl(probe.harness.databaseUrl, testKeys, 'probe', role) });
  await client.connect();
  return client;
}

beforeAll(async () => {
  probe = await openProbe();
  app = await connect('app');
  worker = await connect('worker');
});

afterAll(async () => {
  await app.end();
  await worker.end();
  await probe.close();
});

/** One row of mine, two of theirs. */
beforeEach(async () => {
  await app.query('rollback; reset all');
  await probe.forgetEverything();
  for (const tenantId of [mine, theirs, theirs]) await addStream(tenantId);
});

function addStream(tenantId: string): Promise<unknown> {
  return worker.query('insert into stream (tenant_id, id, version) values ($1, $2, 1)', [tenantId, newId()]);
}

async function seen(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>('select count(*)::int as n from stream');
  return rows[0]?.n ?? -1;
}

const beTenant = (tenantId: string) => app.query(`begin; set local app.tenant_id = '${tenantId}'`);

describe('what a request can reach', () => {
  test('nothing without a tenant, its own rows with one', async () => {
    expect(await seen(app)).toBe(0);
    await beTenant(mine);
    expect(await seen(app)).toBe(1);
    await app.query('commit');
    expect(await seen(app)).toBe(0);
  });

  test('nothing under an empty tenant, and an error under one that is no uuid', async () => {
    await app.query(`set app.tenant_id = ''`);
    expect(await seen(app)).toBe(0);
    await app.query(`set app.tenant_id = 'x'' or true --'`);
    await expect(seen(app)).rejects.toThrow(/invalid input syntax for type uuid/);
  });

  test.each([
    ['insert', `insert into stream (tenant_id, id, version) values ('${theirs}', gen_random_uuid(), 1)`],
    ['handing a row over', `update stream set tenant_id = '${theirs}'`],
    ['insert from select', `insert into stream select '${theirs}', gen_random_uuid(), version from stream`],
    [
      'upsert',
      `insert into stream select tenant_id, id, version from (values ('${theirs}'::uuid, gen_random_uuid(), 1)) v (tenant_id, id, version) on conflict (tenant_id, id) do update set version = 2`,
    ],
    [
      'an event',
      `insert into outbox_event (event_id, tenant_id, topic, key, envelope) values (gen_random_uuid(), '${theirs}', 't', gen_random_uuid(), '{}')`,
    ],
  ])('%s for another tenant is refused', async (_name, statement) => {
    await beTenant(mine);
    await expect(app.query(statement)).rejects.toThrow(/row-level security/);
  });

  test('update and delete reach no row of another tenant, even if the statement names the tenant', async () => {
    await beTenant(mine);
    expect((await app.query(`update stream set version = 9 where tenant_id = '${theirs}'`)).rowCount).toBe(0);
    expect((await app.query('update stream set version = 9')).rowCount).toBe(1);
    expect((await app.query(`delete from stream where tenant_id = '${theirs}'`)).rowCount).toBe(0);
    expect((await app.query('delete from stream')).rowCount).toBe(1);
    await app.query('commit');
    expect(await seen(worker)).toBe(2);
  });

  test('a leaky condition sees its own rows only', async () => {
    await app.query(`create function pg_temp.leak(id uuid) returns boolean language plpgsql cost 0.0001 as
      $$ begin raise notice 'seen %', id; return true; end $$`);
    const notices: string[] = [];
    const listen = (notice: { message?: string | undefined }) => void notices.push(notice.message ?? '');
    app.on('notice', listen);
    await beTenant(mine);
    await app.query('select * from stream where pg_temp.leak(tenant_id)');
    app.off('notice', listen);
    expect(notices).toEqual([`seen ${mine}`]);
  });

  test('a partition cannot be read around its parent', async () => {
    const { rows } = await probe.admin.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'probe'::regnamespace and relispartition and relkind = 'r'`,
    );
    expect(rows.length).toBeGreaterThan(6);
    for (const { name } of rows) {
      for (const client of [app, worker])
        await expect(client.query(`select from ${name}`)).rejects.toThrow(/permission denied/);
    }
  });

  test('it cannot read consumed events, which have no tenant', async () => {
    await expect(app.query('select from consumed_event')).rejects.toThrow(/permission denied/);
  });
});

describe('what the login roles may not do', () => {
  const forbidden = [
    'truncate stream',
    'alter table stream disable row level security',
    'alter table stream no force row level security',
    'drop policy own_tenant on stream',
    'create policy everything on stream using (true)',
    'create table mine (id int)',
    'create table public.mine (id int)',
    'create view everything as select * from stream',
    'create schema mine',
    'create index on stream (version)',
    'drop table stream',
    'alter role current_user bypassrls',
    'alter role current_user superuser',
    'set role crossdesk_probe_owner',
    'set session authorization crossdesk_probe_owner',
    'create role friend',
    `select protect_tenant_table('stream')`,
    'select from crm.dead_letter',
    'select from broker.record',
    'create trigger t before insert on stream for each row execute function suppress_redundant_updates_trigger()',
    `copy stream to program 'cat'`,
    `select pg_read_file('postgresql.conf')`,
  ];

  test.each(forbidden)('%s', async (statement) => {
    for (const client of [app, worker]) {
      await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  test('granting their rights to others has no effect', async () => {
    for (const client of [app, worker]) await client.query('grant select on stream to public');
    const { rows } = await probe.admin.query(
      `select has_table_privilege('public', 'probe.stream', 'select') as granted`,
    );
    expect(rows).toEqual([{ granted: false }]);
  });

  test('a temporary table of the caller does not mislead the function that runs as owner', async () => {
    await worker.query(`
      create temporary table pg_class as select * from pg_catalog.pg_class;
      create temporary table pg_partitioned_table as select * from pg_catalog.pg_partitioned_table;
      grant all on pg_temp.pg_class, pg_temp.pg_partitioned_table to public;
      update pg_temp.pg_class set relname = 'stream' where relname = 'outbox_event';`);
    await worker.query('select probe.ensure_month_partitions()');
    await worker.query('drop table pg_temp.pg_class, pg_temp.pg_partitioned_table');
    await expect(app.query('select probe.ensure_month_partitions()')).rejects.toThrow(/permission denied/);
  });

  test('the owner cannot log in, and no role of ours can bypass the rules', async () => {
    const { rows } = await probe.admin.query<{ name: string; login: boolean; above: boolean }>(
      `select rolname as name, rolcanlogin as login, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as above
       from pg_roles where rolname like 'crossdesk\\_%'`,
    );
    expect(rows.filter(({ name }) => /^crossdesk_probe_(owner|app|worker)$/.test(name)).length).toBe(3);
    for (const { name, login, above } of rows)
      expect({ name, login, above }).toEqual({ name, login: !name.endsWith('_owner'), above: false });
  });

  test('no login role is a member of another', async () => {
    const { rows } = await probe.admin.query(
      `select from pg_auth_members where member in (select oid from pg_roles where rolname like 'crossdesk\\_%')`,
    );
    expect(rows).toEqual([]);
  });

  test('a wrong password does not log in', async () => {
    const url = serviceUrl(probe.harness.databaseUrl, keysOf(Buffer.alloc(32, 8)), 'probe', 'app');
    await expect(new Client({ connectionString: url }).connect()).rejects.toThrow(/password authentication failed/);
  });
});

describe('forTenant', () => {
  let db: Database<ProbeTables>;
  beforeAll(() => {
    db = openDatabase<ProbeTables>({
      appUrl: serviceUrl(probe.harness.databaseUrl, testKeys, 'probe', 'app'),
      workerUrl: probe.workerUrl,
      connectionsMax: 1,
      onConnectionError: () => undefined,
    });
  });
  afterAll(() => db.close());

  const setting = (tenantId: TenantId) =>
    db.forTenant(tenantId, async (trx) => {
      const { rows } = await sql<{ tenant: string }>`select current_setting('app.tenant_id', true) as tenant`.execute(
        trx,
      );
      return rows[0]?.tenant;
    });

  test('sets the tenant for one transaction, even if the work fails', async () => {
    expect(await setting(mine)).toBe(mine);
    await expect(db.forTenant(theirs, () => Promise.reject(new Error('the work failed')))).rejects.toThrow(
      'the work failed',
    );
    const count = await db.forTenant(mine, (trx) => trx.selectFrom('stream').select('id').execute());
    expect(count).toHaveLength(1);
  });

  test('leaves nothing behind on its pooled connection', async () => {
    const left = await db.forTenant(theirs, async (trx) => {
      // After the commit the connection is in the state in which the pool would give it to the next request.
      await sql`commit`.execute(trx);
      const { rows } = await sql<{ n: number; tenant: string | null }>`
        select count(*)::int as n, current_setting('app.tenant_id', true) as tenant from stream`.execute(trx);
      return rows;
    });
    expect(left).toEqual([{ n: 0, tenant: '' }]);
  });

  test('teeth: a plain set survives on the connection for the next user', async () => {
    await app.query(`begin; set app.tenant_id = '${theirs}'; commit`);
    expect(await seen(app)).toBe(2);
  });

  test('an id from outside cannot smuggle in a statement', async () => {
    const hostile = `${theirs}'; set app.tenant_id = '${theirs}` as TenantId;
    await expect(db.forTenant(hostile, (trx) => trx.selectFrom('stream').selectAll().execute())).rejects.toThrow(
      /invalid input syntax/,
    );
  });
});

/** 2,000 transactions of 20 tenants, interleaved on a few connections: how often one saw a row of another. */
async function leaksAmong(
  tenants: readonly TenantId[],
  read: (tenantId: TenantId) => Promise<readonly { tenant_id: string }[]>,
): Promise<number> {
  let leaks = 0;
  let misses = 0;
  const lanes = Array.from({ length: 40 }, async (_, lane) => {
    for (let turn = 0; turn < 50; turn += 1) {
      const tenantId = tenants[(lane * 7 + turn * 13) % tenants.length] ?? mine;
      const rows = await read(tenantId);
      leaks += rows.filter((row) => row.tenant_id !== tenantId).length;
      misses += rows.filter((row) => row.tenant_id === tenantId).length === 1 ? 0 : 1;
    }
  });
  await Promise.all(lanes);
  return leaks + misses;
}

describe('2,000 interleaved transactions', () => {
  const tenants = Array.from({ length: 20 }, () => newId<TenantId>());

  beforeEach(async () => {
    for (const tenantId of tenants) await addStream(tenantId);
  });

  test('no tenant ever sees the row of another', async () => {
    const read = (tenantId: TenantId) =>
      probe.db.forTenant(tenantId, (trx) => trx.selectFrom('stream').select('tenant_id').execute());
    expect(await leaksAmong(tenants, read)).toBe(0);
  });

  test('teeth: with a plain set on pooled connections they do', async () => {
    // One connection executes the statements in the order they were issued: every lane sets, then every lane reads.
    const pool = new Pool({
      connectionString: serviceUrl(probe.harness.databaseUrl, testKeys, 'probe', 'app'),
      max: 1,
    });
    const read = async (tenantId: TenantId) => {
      await pool.query(`select set_config('app.tenant_id', $1, false)`, [tenantId]);
      return (await pool.query<{ tenant_id: string }>('select tenant_id from stream')).rows;
    };
    expect(await leaksAmong(tenants, read)).toBeGreaterThan(0);
    await pool.end();
  });
});
