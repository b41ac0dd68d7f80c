import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceNames } from '@crossdesk/contracts';
import { cloneDatabase, type TestDatabase } from '@crossdesk/testkit';
import { Client } from 'pg';

let database: TestDatabase;
let admin: Client;

beforeAll(async () => {
  database = await cloneDatabase();
  admin = new Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

const schemas = serviceNames.map((service) => `'${service}'`).join(', ');

async function rowsOf<Row extends object>(query: string): Promise<Row[]> {
  return (await admin.query<Row>(query)).rows;
}

/** Tables of the five serviceNames that carry a tenant, without their partitions. */
const tenantTables = `
  select c.oid, n.nspname as service, c.relname as name, c.relrowsecurity, c.relforcerowsecurity
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in (${schemas}) and c.relkind in ('r', 'p') and not c.relispartition
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)`;

const ownTenant = `(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS "nullif"))`;

/** The functions of the owner write these tables: the owner is bound by a policy too. */
const writtenByFunctions = ['audit_entry', 'audit_head'];

test('every table with a tenant has forced row-level security and exactly our policies', async () => {
  const tables = await rowsOf<{ service: string; name: string; guarded: boolean; policies: object }>(`
    select t.service, t.name, t.relrowsecurity and t.relforcerowsecurity as guarded,
      (select jsonb_agg(jsonb_build_object('name', p.policyname, 'kind', p.permissive, 'roles', p.roles, 'command', p.cmd,
        'using', p.qual, 'check', p.with_check) order by p.policyname)
       from pg_policies p where p.schemaname = t.service and p.tablename = t.name and p.policyname <> 'own_scope') as policies
    from (${tenantTables}) t order by 1, 2`);
  expect(tables.length).toBeGreaterThan(25);
  expect(new Set(tables.map((table) => table.service)).size).toBe(serviceNames.length);
  for (const { service, name, guarded, policies } of tables) {
    const policy = (title: string, role: string, condition: string) => ({
      name: title,
      kind: 'PERMISSIVE',
      roles: [`crossdesk_${service}_${role}`],
      command: 'ALL',
      using: condition,
      check: condition,
    });
    expect({ service, name, guarded, policies }).toEqual({
      service,
      name,
      guarded: true,
      policies: [
        policy('any_tenant', 'worker', 'true'),
        ...(writtenByFunctions.includes(name)
          ? [policy('by_function', 'owner', `((SESSION_USER = 'crossdesk_${service}_worker'::name) OR ${ownTenant})`)]
          : []),
        policy('own_tenant', 'app', ownTenant),
      ],
    });
  }
});

/** Tables that show every caller of the workspace what came from a conversation, each with its reason. */
const shownToAll: Readonly<Record<string, string>> = {
  'automation.article': 'an article is for everybody, also one that was drafted from a conversation',
};

test('every table with a store or a conversation is limited to what the role of the caller includes', async () => {
  const tables = await rowsOf<{
    name: string;
    policy: { kind: string; roles: string[]; command: string; using: string };
  }>(`
    select t.service || '.' || t.name as name, (
      select jsonb_build_object('kind', p.permissive, 'roles', p.roles, 'command', p.cmd, 'using', p.qual)
      from pg_policies p where p.schemaname = t.service and p.tablename = t.name and p.policyname = 'own_scope') as policy
    from (${tenantTables}) t
    where exists (select from pg_attribute a where a.attrelid = t.oid and a.attname in ('account_id', 'conversation_id'))
    order by 1`);
  expect(tables.length).toBeGreaterThan(30);
  for (const { name, policy } of tables) {
    const using = shownToAll[name] === undefined ? expect.stringContaining('app.stores') : 'true';
    const role = `crossdesk_${name.split('.')[0]}_app`;
    expect({ name, policy }).toEqual({ name, policy: { kind: 'RESTRICTIVE', roles: [role], command: 'ALL', using } });
  }
});

test('teeth: a table without protection would be found', async () => {
  await admin.query('begin; create table crm.forgotten (tenant_id uuid not null)');
  const rows = await rowsOf<{ name: string }>(
    `select name from (${tenantTables}) t where not (relrowsecurity and relforcerowsecurity)`,
  );
  await admin.query('rollback');
  expect(rows).toEqual([{ name: 'forgotten' }]);
});

/**
 * Unique keys that do not start with the tenant, each with its reason: a conflict on one reveals that a row exists in
 * another tenant.
 */
const keysWithoutTenant: Record<string, string> = {
  'outbox_event (event_id)': 'random id, cut into months; made by us',
  'dead_letter (id)': 'random id, made by us',
  'dead_letter (consumer, event_id)': 'written by consumers only; the event may be too broken to name a tenant',
  'workspace (slug)': 'people sign in with it before a tenant is known',
  'api_token (id)': 'a token names its row before a tenant is known',
  'channel_account (id)': 'a random id that webhooks, which know no tenant, refer to',
  'channel_app (id)': 'a random id that the webhooks of all accounts of an app, which know no tenant, refer to',
  'channel_app (token_hash)': 'a webhook address is looked up before a tenant is known',
  'refresh_token (token_hash)': 'the digest of a random secret, looked up before a tenant is known',
  'webhook_endpoint (id)': 'random id, made by us; what is delivered refers to it',
  'search_workspace (number)': 'a number in the installation, with which the words of a workspace begin in the index',
  'authorisation_request (state_hash)': 'a seller comes back from a platform before a tenant is known',
  'channel_account (token_hash)': 'a webhook address is looked up before a tenant is known',
};

test('every primary and unique key of a table with a tenant starts with the tenant, or is listed with a reason', async () => {
  const keys = await rowsOf<{ table_name: string; columns: string }>(`
    select t.name as table_name, string_agg(a.attname, ', ' order by k.position) as columns
    from (${tenantTables}) t
    join pg_index i on i.indrelid = t.oid and i.indisunique
    cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
    group by t.oid, t.name, i.indexrelid`);
  expect(keys.length).toBeGreaterThan(25);
  const unexplained = keys
    .filter(({ columns }) => columns !== 'tenant_id' && !columns.startsWith('tenant_id, '))
    .map(({ table_name, columns }) => `${table_name} (${columns})`)
    .filter((key) => keysWithoutTenant[key] === undefined);
  expect(unexplained).toEqual([]);
});

test('every foreign key of a table with a tenant contains the tenant', async () => {
  const keys = await rowsOf<{ service: string; name: string; columns: string[] }>(`
    select t.service, k.conname as name, array(select attname::text from pg_attribute where attrelid = t.oid and attnum = any(k.conkey)) as columns
    from (${tenantTables}) t join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'`);
  expect(keys.length).toBeGreaterThan(0);
  for (const { service, name, columns } of keys)
    expect({ service, name, columns }).toMatchObject({ columns: expect.arrayContaining(['tenant_id']) });
});

test('there are no views and only the functions of the kit: four run as owner, with their own search path', async () => {
  expect(
    await rowsOf(
      `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in (${schemas}) and relkind in ('v', 'm', 'f')`,
    ),
  ).toEqual([]);
  const functions = await rowsOf<{ service: string; name: string; definer: boolean; settings: string[] | null }>(`
    select n.nspname as service, p.proname as name, p.prosecdef as definer, p.proconfig as settings
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in (${schemas}) order by 1, 2`);
  expect(functions).toEqual(
    serviceNames.toSorted().flatMap((service) => [
      { service, name: 'append_audit_entry', definer: true, settings: [`search_path=${service}, pg_temp`] },
      {
        service,
        name: 'drop_old_partitions',
        definer: true,
        settings: [`search_path=${service}, pg_temp`, 'TimeZone=UTC', 'lock_timeout=5s'],
      },
      {
        service,
        name: 'ensure_month_partitions',
        definer: true,
        settings: [`search_path=${service}, pg_temp`, 'TimeZone=UTC'],
      },
      ...['in_reach', 'in_stores'].map((name) => ({ service, name, definer: false, settings: null })),
      { service, name: 'lock_audit_head', definer: true, settings: [`search_path=${service}, pg_temp`] },
      ...['protect_tenant_table', 'scope_table', 'scope_tenant_tables', 'unlimited'].map((name) => ({
        ...{ service, name },
        ...{ definer: false, settings: null },
      })),
    ]),
  );
});

const fewerRights: Readonly<Record<string, string>> = {
  // The worker may read the list of migrations, but not change it.
  kysely_migration: 'SELECT',
  // Audit entries can only be added, by functions of the owner.
  audit_entry: 'SELECT',
  audit_head: 'SELECT',
};

test('the login roles hold the four row rights and nothing else, on no partition and on no table of another service', async () => {
  const grants = await rowsOf<{
    service: string;
    grantee: string;
    rights: string;
    is_partition: boolean;
    name: string;
    has_tenant: boolean;
  }>(`
    select n.nspname as service, c.relname as name, r.rolname as grantee, c.relispartition as is_partition,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant,
      string_agg(g.privilege_type, ' ' order by g.privilege_type) as rights
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
    where n.nspname in (${schemas}, 'broker') and c.relkind in ('r', 'p') and r.rolname not like '%_owner'
    group by 1, 2, 3, 4, 5`);
  expect(grants.length).toBeGreaterThan(50);
  for (const { service, name, grantee, rights, is_partition, has_tenant } of grants) {
    const allowed = has_tenant
      ? [`crossdesk_${service}_app`, `crossdesk_${service}_worker`]
      : [`crossdesk_${service}_worker`];
    expect({ name, rights, is_partition }).toEqual({
      name,
      rights: fewerRights[name] ?? 'DELETE INSERT SELECT UPDATE',
      is_partition: false,
    });
    expect(allowed).toContain(grantee);
  }
});

test('nothing is granted to everybody', async () => {
  expect(
    await rowsOf(`
      select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) g
      where n.nspname in (${schemas}, 'broker') and g.grantee = 0`),
  ).toEqual([]);
});
