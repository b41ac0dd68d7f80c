import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { auditKeyOf, type AuditPlace, keysOf, nextEntry, startOfChain } from '@crossdesk/service-kit';
import { cloneDatabase, type TestDatabase, testKeys } from '@crossdesk/testkit';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { problemOf, verifyAudit } from '../src/audit-verify.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await cloneDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Writes a chain as a service does. */
async function givenChain(service: string, length: number): Promise<AuditPlace> {
  const key = auditKeyOf(testKeys, service).current;
  let head = startOfChain(newId());
  const entries = Array.from({ length }, () => {
    const who = { actorKind: 'agent', actorId: newId() } as const;
    const entry = nextEntry(key, head, { at: new Date(), ...who, action: 'assignConversation', targetId: newId() });
    head = entry;
    return entry;
  });
  await client.query(
    `insert into ${service}.audit_entry (tenant_id, seq, at, actor_kind, actor_id, action, target_id, previous_hash, hash)
     select "tenantId", seq, at, "actorKind", "actorId", action, "targetId", decode("previousHash", 'hex'), decode(hash, 'hex')
     from json_to_recordset($1) as e ("tenantId" uuid, seq bigint, at timestamptz, "actorKind" text, "actorId" uuid,
       action text, "targetId" uuid, "previousHash" text, hash text)`,
    [JSON.stringify(entries)],
  );
  await client.query(`insert into ${service}.audit_head values ($1, $2, decode($3, 'hex'))`, [
    head.tenantId,
    head.seq,
    head.hash,
  ]);
  return { tenantId: head.tenantId, seq: head.seq, hash: head.hash };
}

test('the operator sees every chain with its length, and the first entry that was changed outside the service', async () => {
  // Longer than one read.
  const [long, short, ingest] = [
    await givenChain('conversation', 10_001),
    await givenChain('conversation', 3),
    await givenChain('ingest', 2),
  ];
  const verified = async () => {
    const chains = await verifyAudit({ adminUrl: database.url, keys: testKeys });
    return new Map(chains.map(({ service, tenantId, length, broken }) => [tenantId, { service, length, broken }]));
  };
  expect(await verified()).toEqual(
    new Map([
      [ingest.tenantId, { service: 'ingest', length: 2, broken: null }],
      [long.tenantId, { service: 'conversation', length: 10_001, broken: null }],
      [short.tenantId, { service: 'conversation', length: 3, broken: null }],
    ]),
  );
  await client.query(
    `update conversation.audit_entry set action = 'markConversationRead' where tenant_id = $1 and seq = 7000`,
    [long.tenantId],
  );
  await client.query(`delete from conversation.audit_entry where tenant_id = $1 and seq = 3`, [short.tenantId]);
  await client.query(`delete from ingest.audit_head where tenant_id = $1`, [ingest.tenantId]);
  const found = await verified();
  expect(found.get(long.tenantId)?.broken).toEqual({ seq: 7_000, how: 'hash' });
  expect(found.get(short.tenantId)?.broken).toEqual({ seq: 3, how: 'tail' });
  expect(found.get(ingest.tenantId)?.broken).toEqual({ seq: 3, how: 'tail' });
});

test('with another master secret the operator is told so, and that no chain is broken', async () => {
  await givenChain('crm', 2);
  const config = { adminUrl: database.url, keys: keysOf(randomBytes(32), null) };
  const said = await verifyAudit(config).then(problemOf, ({ message }: Error) => message);
  expect(said).toContain('CROSSDESK_SECRET is not the master secret of this installation');
  expect(problemOf([{ service: 'crm', tenantId: newId(), length: 2, hash: '', broken: { seq: 2, how: 'hash' } }])).toBe(
    'an audit chain is broken: see "Audit log" in docs/operations.md',
  );
});
