import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Client } from 'pg';
import { type AuditPlace, auditKeyOf, startOfChain, verifyChain } from '../src/audit/audit-chain.ts';
import { listEntries } from '../src/audit/audit.store.ts';
import { createAudit } from '../src/audit/audit.ts';
import type { Principal } from '../src/caller/principal.ts';
import { migrate, type ServiceRole, serviceUrl } from '../src/db/migrate.ts';
import { signedIn } from '../src/caller/signed-in.ts';
import { createGate } from './support/gate.ts';
import { openProbe, type Probe, probeSchema, type ProbeTransaction } from './support/probe.ts';

let probe: Probe;
const audit = createAudit('probe', testKeys);
beforeAll(async () => {
  probe = await openProbe();
});
beforeEach(() => probe.forgetEverything());
afterAll(() => probe.close());

const deedOf = (actor: Principal, targetId: string | null = newId()) => ({ actor, action: 'moveStream', targetId });

/** Moves a stream to its next version, with an audit entry. */
function move(key: string): Promise<void> {
  return probe.db.forTenant(probe.tenantId, (trx) => moveIn(trx, key));
}

async function moveIn(trx: ProbeTransaction, key: string, actor: Principal = signedIn(probe.request)): Promise<void> {
  audit.note(trx, deedOf(actor, key));
  await sql`insert into stream (tenant_id, id, version) values (${actor.tenantId}, ${key}, 1)
    on conflict (tenant_id, id) do update set version = stream.version + 1`.execute(trx);
}

async function chain(tenantId: TenantId = probe.tenantId) {
  const entries = await probe.db.forTenant(tenantId, (trx) => listEntries(trx, tenantId, 1_000, null));
  const { rows } = await probe.admin.query<AuditPlace>(
    `select tenant_id as "tenantId", seq::int, encode(hash, 'hex') as hash from probe.audit_head where tenant_id = $1`,
    [tenantId],
  );
  const [head] = rows;
  return { entries: entries.toReversed(), head };
}

async function verified(): Promise<number> {
  const { entries, head } = await chain();
  if (head === undefined) throw new Error('there is no head');
  expect(verifyChain(entries, head, [auditKeyOf(testKeys, 'probe').current])).toBeNull();
  return entries.length;
}

test('each action adds an entry after the one before', async () => {
  const [first, second] = [newId(), newId()];
  await move(first);
  await move(second);
  const { agentId } = signedIn(probe.request);
  const entry = { tenantId: probe.tenantId, actorKind: 'agent', actorId: agentId, action: 'moveStream' };
  const { entries } = await chain();
  expect(entries).toMatchObject([
    { ...entry, seq: 1, targetId: first, previousHash: '0'.repeat(64) },
    { ...entry, seq: 2, targetId: second, previousHash: entries[0]?.hash },
  ]);
  expect(await verified()).toBe(2);
});

test('a rule and the system add entries as people do, several in one transaction in order', async () => {
  const { tenantId } = probe;
  const rule: Principal = { kind: 'automation', tenantId, ruleId: newId() };
  const system: Principal = { kind: 'system', tenantId };
  const keys = [newId(), newId(), newId()] as const;
  await probe.db.asWorker(async (trx) => {
    await moveIn(trx, keys[0], rule);
    await moveIn(trx, keys[1], system);
    await moveIn(trx, keys[2], rule);
  });
  expect((await chain()).entries).toMatchObject([
    { seq: 1, actorKind: 'automation', actorId: rule.ruleId, targetId: keys[0] },
    { seq: 2, actorKind: 'system', actorId: null, targetId: keys[1] },
    { seq: 3, actorKind: 'automation', actorId: rule.ruleId, targetId: keys[2] },
  ]);
  expect(await verified()).toBe(3);
});

test('the head of a chain is locked last: a transaction that waits for a row does not hold it', async () => {
  const [contested, other] = [newId(), newId()];
  const gate = createGate();
  const holder = probe.db.forTenant(probe.tenantId, async (trx) => {
    await moveIn(trx, contested);
    await gate.pass();
  });
  await gate.reached;
  // Adds its entry before it waits for the row that the first one holds.
  const waiter = move(contested);
  await move(other);
  gate.open();
  await Promise.all([holder, waiter]);
  expect((await chain()).entries.map(({ targetId }) => targetId)).toEqual([other, contested, contested]);
  expect(await verified()).toBe(3);
});

test('transactions that use workspaces in opposite orders do not deadlock', async () => {
  const tenants = [probe.tenantId, newId<TenantId>()];
  const touch = (order: readonly TenantId[]) =>
    probe.db.asWorker(async (trx) => {
      for (const tenantId of order) audit.note(trx, deedOf({ kind: 'system', tenantId }));
    });
  await Promise.all(Array.from({ length: 20 }, (_, round) => touch(round % 2 === 0 ? tenants : tenants.toReversed())));
  expect(await verified()).toBe(20);
});

test('a transaction that is rolled back takes its entry with it', async () => {
  await move(newId());
  const rolledBack = probe.db.forTenant(probe.tenantId, async (trx) => {
    await moveIn(trx, newId());
    throw new Error('the commit does not come');
  });
  await expect(rolledBack).rejects.toThrow('the commit does not come');
  expect(await verified()).toBe(1);
});

test('many at once, even the very first ones, make one chain without gaps and with growing times', async () => {
  await Promise.all(Array.from({ length: 40 }, () => move(newId())));
  expect(await verified()).toBe(40);
  const times = (await chain()).entries.map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a tenant cannot see or extend the chain of another', async () => {
  await move(newId());
  const stranger = newId<TenantId>();
  const listed = probe.db.forTenant(stranger, (trx) => listEntries(trx, probe.tenantId, 10, null));
  expect(await listed).toEqual([]);
  const forged = probe.db.forTenant(stranger, async (trx) => audit.note(trx, deedOf(signedIn(probe.request))));
  await expect(forged).rejects.toThrow('row-level security');
  expect(await verified()).toBe(1);
});

/** Logs in as a role of the service, as request code of the probe's workspace. */
async function asRole<Result>(role: ServiceRole, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: serviceUrl(probe.harness.databaseUrl, testKeys, 'probe', role) });
  await client.connect();
  try {
    await client.query(`set app.tenant_id = '${probe.tenantId}'`);
    return await use(client);
  } finally {
    await client.end();
  }
}

test('no login role may write the tables of the chain, not even after a version that granted it', async () => {
  await move(newId());
  const tables = ['audit_entry', 'audit_head'];
  for (const table of tables)
    await probe.admin.query(
      `grant insert, update, delete on probe.${table} to crossdesk_probe_app, crossdesk_probe_worker`,
    );
  await migrate(probe.harness.databaseUrl, testKeys, probeSchema);
  for (const role of ['app', 'worker'] satisfies ServiceRole[])
    await asRole(role, async (client) => {
      for (const table of tables) {
        for (const change of [
          `insert into ${table} select * from ${table}`,
          `update ${table} set seq = 2`,
          `delete from ${table}`,
          `select 1 from ${table} for update`,
          `truncate ${table}`,
        ])
          await expect(client.query(change)).rejects.toThrow('permission denied');
        expect((await client.query(`select 1 from ${table}`)).rowCount).toBe(1);
      }
    });
});

test('a forged entry stops no mutation, and the verification names it', async () => {
  await move(newId());
  const forge = `select append_audit_entry($1, now(), 'system', null, 'moveStream', null, $2)`;
  await asRole('app', (client) => client.query(forge, [probe.tenantId, Buffer.alloc(32, 1)]));
  await move(newId());
  await move(newId());
  const { entries, head } = await chain();
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(head).toMatchObject({ seq: 4, hash: entries[3]?.hash });
  expect(verifyChain(entries, head ?? startOfChain(probe.tenantId), [auditKeyOf(testKeys, 'probe').current])).toEqual({
    seq: 2,
    how: 'hash',
  });
  const ofAnother = newId<TenantId>();
  await probe.db.asWorker(async (trx) => audit.note(trx, deedOf({ kind: 'system', tenantId: ofAnother })));
  for (const call of [forge, 'select lock_audit_head($1) where $2::bytea is not null'])
    await expect(asRole('app', (client) => client.query(call, [ofAnother, Buffer.alloc(32)]))).rejects.toThrow(
      /row-level security|no rows/,
    );
  expect((await chain(ofAnother)).entries).toHaveLength(1);
});
