import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { testMaster } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Client } from 'pg';
import { type AuditPlace, auditKeyOf, verifyChain } from '../src/audit/audit-chain.ts';
import { listEntries } from '../src/audit/audit.store.ts';
import { createAudit } from '../src/audit/audit.ts';
import { migrate, type ServiceRole, serviceUrl } from '../src/db/migrate.ts';
import { openProbe, type Probe, probeSchema, type ProbeTransaction } from './support/probe.ts';

let probe: Probe;
const audit = createAudit('probe', testMaster);
beforeAll(async () => {
  probe = await openProbe();
});
beforeEach(() => probe.forgetEverything());
afterAll(() => probe.close());

/** A mutation that moves a stream on; one of a stream that is frozen is refused. */
function move(key: string, isRefused = false): Promise<string> {
  const mutation = audit.mutation(probe.request, 'moveStream', async (trx: ProbeTransaction, done) => {
    if (isRefused) return 'refused';
    await sql`insert into stream (tenant_id, id, version) values (${probe.tenantId}, ${key}, 1)
      on conflict (tenant_id, id) do update set version = stream.version + 1`.execute(trx);
    done(key);
    return 'moved';
  });
  return probe.db.forTenant(probe.tenantId, mutation);
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
  expect(verifyChain(entries, head, auditKeyOf(testMaster, 'probe'))).toBeNull();
  return entries.length;
}

test('what is done leaves an entry behind the one before; what is refused leaves none', async () => {
  const [first, second] = [newId(), newId()];
  expect(await move(first)).toBe('moved');
  expect(await move(second, true)).toBe('refused');
  expect(await move(second)).toBe('moved');
  const { agentId } = { agentId: '', ...probe.request.caller };
  const entry = { tenantId: probe.tenantId, actorKind: 'agent', actorId: agentId, action: 'moveStream' };
  const { entries } = await chain();
  expect(entries).toMatchObject([
    { ...entry, seq: 1, targetId: first, previousHash: '0'.repeat(64) },
    { ...entry, seq: 2, targetId: second, previousHash: entries[0]?.hash },
  ]);
  expect(await verified()).toBe(2);
});

test('a mutation that is rolled back takes its entry with it', async () => {
  await move(newId());
  const failing = audit.mutation(probe.request, 'moveStream', async (_trx: ProbeTransaction, done) => done(newId()));
  const rolledBack = probe.db.forTenant(probe.tenantId, async (trx) => {
    await failing(trx);
    throw new Error('the commit does not come');
  });
  await expect(rolledBack).rejects.toThrow('the commit does not come');
  expect(await verified()).toBe(1);
});

test('many at once, also the very first ones, make one chain without a gap whose times go its way', async () => {
  await Promise.all(Array.from({ length: 40 }, () => move(newId())));
  expect(await verified()).toBe(40);
  const times = (await chain()).entries.map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a tenant does not see or lengthen the chain of another', async () => {
  await move(newId());
  const stranger = newId<TenantId>();
  const listed = probe.db.forTenant(stranger, (trx) => listEntries(trx, probe.tenantId, 10, null));
  expect(await listed).toEqual([]);
  const forged = audit.mutation(probe.request, 'moveStream', async (_trx: ProbeTransaction, done) => done(null));
  await expect(probe.db.forTenant(stranger, forged)).rejects.toThrow('row-level security');
  expect(await verified()).toBe(1);
});

test('no login role may change an entry or take one away, also not after a version that granted it', async () => {
  await move(newId());
  await probe.admin.query('grant update, delete on probe.audit_entry to crossdesk_probe_app, crossdesk_probe_worker');
  await migrate(probe.harness.databaseUrl, testMaster, probeSchema);
  for (const role of ['app', 'worker'] satisfies ServiceRole[]) {
    const client = new Client({ connectionString: serviceUrl(probe.harness.databaseUrl, testMaster, 'probe', role) });
    await client.connect();
    await client.query(`set app.tenant_id = '${probe.tenantId}'`);
    for (const change of [
      'update audit_entry set action = $$assign$$',
      'delete from audit_entry',
      'truncate audit_entry',
    ])
      await expect(client.query(change)).rejects.toThrow('permission denied');
    expect((await client.query('select 1 from audit_entry')).rowCount).toBe(1);
    await client.end();
  }
});
