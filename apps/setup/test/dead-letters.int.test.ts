import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cloneDatabase, type TestDatabase, testKeys } from '@crossdesk/testkit';
import { Client } from 'pg';
import { readLetterId } from '../src/config.ts';
import { discardUnowned, listUnowned } from '../src/dead-letters.ts';

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

async function park(service: string, tenantId: string | null): Promise<string> {
  const id = randomUUID();
  await client.query(
    `insert into ${service}.dead_letter (id, tenant_id, consumer, event_id, key, topic, is_blocking, raw, reason, attempts)
      values ($1, $2, $3, $4, 'some key', 'ingest.inbound', false, $5, 'not JSON in UTF-8', 1)`,
    [id, tenantId, `${service}.stuck`, randomUUID(), Buffer.from([0xff, 0x00, 0x41, 0x0a, 0x42])],
  );
  return id;
}

test('the operator sees the records without a workspace in every service until they discard them, and no others', async () => {
  const config = { adminUrl: database.url, keys: testKeys };
  const [first, second, owned] = [
    await park('crm', null),
    await park('analytics', null),
    await park('crm', randomUUID()),
  ];
  const idsOf = async () => (await listUnowned(config)).map(({ id }) => id).toSorted();
  expect(await idsOf()).toEqual([first, second].toSorted());
  expect(await listUnowned(config)).toContainEqual({
    service: 'crm',
    id: first,
    consumer: 'crm.stuck',
    topic: 'ingest.inbound',
    key: 'some key',
    reason: 'not JSON in UTF-8',
    parkedAt: expect.any(Date),
    bytes: '..A.B',
  });
  for (const id of [owned, 'nonsense'])
    await expect(discardUnowned(config, id)).rejects.toThrow(
      `there is no record ${id}: use an id that dead-letters shows`,
    );
  await discardUnowned(config, first);
  expect(await idsOf()).toEqual([second]);
});

test.each([[[]], [['--']], [['a', 'b']]])('discarding %j is refused with what to do', (args) => {
  expect(() => readLetterId(args)).toThrow('discard-dead-letter takes one id: dead-letters shows');
});
