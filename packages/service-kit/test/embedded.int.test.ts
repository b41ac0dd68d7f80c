import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { cloneDatabase, eventually, openTestBroker, type TestDatabase, testKeys } from '@crossdesk/testkit';
import { waitFor } from '@crossdesk/testkit/waiting';
import { Pool } from 'pg';
import type { Broker } from '../src/broker/broker.port.ts';
import { openEmbeddedBroker } from '../src/broker/embedded.ts';
import { claimPartitions, leaveGroup, releaseLeases, renewLeases } from '../src/broker/embedded-leases.ts';
import { serviceUrl } from '../src/db/migrate.ts';
import { createLog } from '../src/runtime/log.ts';
import { describeBroker } from './broker-contract.ts';
import { createGate } from './support/gate.ts';
import { partitionsOf } from './support/members.ts';

describeBroker('embedded log in Postgres', async () => {
  const own = await cloneDatabase();
  const main = openTestBroker(own.url);
  return {
    broker: main,
    openAnother: async () => openTestBroker(own.url),
    close: async () => {
      await main.close();
      await own.drop();
    },
  };
});

let database: TestDatabase;
let broker: Broker;
let pool: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  broker = openTestBroker(database.url);
  pool = new Pool({ connectionString: serviceUrl(database.url, testKeys, 'broker', 'worker'), max: 4 });
});

afterAll(async () => {
  await pool.end();
  await broker.close();
  await database.drop();
});

const topic = 'ingest.account';
const partitions = [
  { topic, partition: 0 },
  { topic, partition: 1 },
] as const;

test('a member whose lease was taken over commits nothing', async () => {
  const group = newId();
  const [zombie, heir] = [newId(), newId()];
  const [before] = await claimPartitions(pool, group, zombie, 0, partitions, 2);
  const [after] = await claimPartitions(pool, group, heir, 60_000, partitions, 2);
  if (before === undefined || after === undefined) throw new Error('nothing was claimed');
  expect(after.generation).toBe(before.generation + 1n);
  const done = { ...before, position: 7n };
  const { kept } = await renewLeases(pool, [{ group, memberId: zombie, leases: () => [done] }], 60_000);
  expect(kept.size).toBe(0);
  await releaseLeases(pool, group, zombie, [done]);
  await leaveGroup(pool, group, zombie, [done]);
  expect(await claimPartitions(pool, group, newId(), 60_000, partitions, 2)).toEqual([]);
  await releaseLeases(pool, group, heir, [{ ...after, position: 3n }]);
  const [next] = await claimPartitions(pool, group, newId(), 60_000, partitions, 2);
  expect(next).toMatchObject({ partition: after.partition, position: 3n });
});

test('a batch that failed is tried again after its pause, not with the next poll', async () => {
  const patient = openEmbeddedBroker({
    databaseUrl: serviceUrl(database.url, testKeys, 'broker', 'worker'),
    log: createLog('test', 'silent'),
    pollMs: 3_600_000,
  });
  const key = newId();
  let refusals = 2;
  const done = Promise.withResolvers<void>();
  const running = await patient.subscribe({ group: newId(), topics: [topic], batchSizeMax: 500 }, async (batch) => {
    if (!batch.records.some((record) => record.key === key)) return;
    if (refusals === 0) return done.resolve();
    refusals -= 1;
    throw new Error('not now');
  });
  await patient.publish([{ topic, key, value: '1', headers: {} }]);
  await waitFor('the third try', done.promise);
  expect(refusals).toBe(0);
  await running.stop();
  await patient.close();
});

test('members that claim at once never get the same partition', async () => {
  const group = newId();
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimPartitions(pool, group, newId(), 60_000, partitions, 1)),
  );
  const taken = claims.flat().map((lease) => lease.partition);
  expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1]);
});

test('a partition whose claim the member does not know of becomes free again', async () => {
  const group = newId();
  const seen: string[] = [];
  const running = await broker.subscribe({ group, topics: [topic], batchSizeMax: 10 }, async (batch) => {
    seen.push(...batch.records.map((record) => record.value.toString()));
  });
  await eventually(async () => {
    const { rowCount } = await pool.query(
      'select from group_partition where group_name = $1 and owner_id is not null',
      [group],
    );
    expect(rowCount).toBe(2);
  });
  // As if the answer to a claim had been lost: the table has the claim, but the member does not know of it.
  await pool.query('update group_partition set generation = generation + 1 where group_name = $1', [group]);
  const key = newId();
  for (const value of ['its commit is refused', 'and the next one comes all the same']) {
    await broker.publish([{ topic, key, value, headers: {} }]);
    await eventually(async () => expect(seen).toContain(value));
  }
  await running.stop();
});

test('a member that is never idle gives back partitions above its share between two batches', async () => {
  const group = newId();
  const keys = Array.from({ length: 20 }, () => newId());
  const twenty = Array.from({ length: 20 }, () => '1');
  await broker.publish(keys.flatMap((key) => twenty.map((value) => ({ topic, key, value, headers: {} }) as const)));
  const gates = [createGate(), createGate()];
  const afterwards = new Set<number>();
  let isOpen = false;
  const busy = await broker.subscribe({ group, topics: [topic], batchSizeMax: 1 }, async (batch) => {
    for (const partition of partitionsOf(batch)) {
      if (isOpen) afterwards.add(partition);
      await gates[partition]?.pass();
    }
  });
  await Promise.all(gates.map((gate) => gate.reached));

  const other = openTestBroker(database.url);
  let ofOther = 0;
  const joining = await other.subscribe({ group, topics: [topic], batchSizeMax: 1 }, async () => void (ofOther += 1));
  await eventually(async () => {
    const { rowCount } = await pool.query('select from group_member where group_name = $1', [group]);
    expect(rowCount).toBe(2);
  });
  // The first renewal that is seen may have begun before the other joined; with the third, the busy one has taken the
  // second into account.
  const renewals = new Set<string>();
  await eventually(async () => {
    const { rows } = await pool.query<{ at: string }>(
      'select leased_until::text as at from group_partition where group_name = $1 and partition = 0',
      [group],
    );
    renewals.add(rows[0]?.at ?? '');
    expect(renewals.size).toBe(4);
  });

  isOpen = true;
  for (const gate of gates) gate.open();
  await eventually(async () => expect(await broker.lag(group, [topic])).toBe(0n));
  expect(afterwards.size).toBe(1);
  expect(ofOther).toBeGreaterThan(0);
  await Promise.all([busy.stop(), joining.stop()]);
  await other.close();
});

test('positions are gapless in each partition under eight publishers at once', async () => {
  const keys = Array.from({ length: 40 }, () => newId());
  await Promise.all(
    Array.from({ length: 8 }, async (_, publisher) => {
      for (let round = 0; round < 15; round += 1) {
        // Half of the batches list the partitions in the other order: two publishers must not deadlock.
        const batch = keys.map((key) => ({ topic: 'ingest.commerce' as const, key, value: '1', headers: {} }));
        await broker.publish(publisher % 2 === 0 ? batch : batch.toReversed());
      }
    }),
  );
  const { rows } = await pool.query<{ partition: number; records: number; first: string; last: string; next: string }>(
    `select r.partition, count(*)::int as records, min(r.position) as first, max(r.position) as last, h.next_position as next
     from record r join partition_head h using (topic, partition) where r.topic = 'ingest.commerce' group by 1, 5`,
  );
  expect(rows.reduce((sum, row) => sum + row.records, 0)).toBe(8 * 15 * 40);
  for (const row of rows) {
    expect(row).toMatchObject({ first: '0', last: String(row.records - 1), next: String(row.records) });
  }
});

test('lag of a group that has read nothing counts kept records only', async () => {
  const key = newId();
  await broker.publish(
    [1, 2, 3, 4].map((value) => ({ topic: 'ingest.delivery', key, value: String(value), headers: {} })),
  );
  await pool.query(`delete from record where topic = 'ingest.delivery' and position < 3`);
  await pool.query(`update partition_head set earliest_position = 3 where topic = 'ingest.delivery'`);
  expect(await broker.lag(newId(), ['ingest.delivery'])).toBe(1n);
  const seen: bigint[] = [];
  const running = await broker.subscribe(
    { group: newId(), topics: ['ingest.delivery'], batchSizeMax: 10 },
    async (batch) => {
      seen.push(...batch.records.map((record) => record.position));
    },
  );
  await eventually(async () => expect(seen).toEqual([3n]));
  await running.stop();
});
