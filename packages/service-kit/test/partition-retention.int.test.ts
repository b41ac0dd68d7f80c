import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { Client } from 'pg';
import { openProbe, type Probe } from './support/probe.ts';

let probe: Probe;
let worker: Client;

beforeAll(async () => {
  probe = await openProbe();
  worker = new Client({ connectionString: probe.workerUrl });
  await worker.connect();
});
beforeEach(() => probe.forgetEverything());
afterAll(async () => {
  await worker.end();
  await probe.close();
});

const partitions = ['2024_01', '2024_02', '2024_03'];

/** The first id of a month, as the partitions are cut. */
function idOf(month: string, tail = '000000000000'): string {
  const hex = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${tail}`;
}

async function makePartitions(parent: string): Promise<void> {
  for (const [at, month] of partitions.entries()) {
    const end = partitions[at + 1] ?? '2024_04';
    const bound = (id: string) => `'${id.replace('7000-8000', '0000-0000')}'`;
    await probe.admin.query(
      `set role crossdesk_probe_owner;
       create table if not exists probe.${parent}_${month} partition of probe.${parent}
         for values from (${bound(idOf(month))}) to (${bound(idOf(end))}); reset role`,
    );
  }
}

async function append(month: string, isPublished: boolean): Promise<void> {
  const { id: _, ...envelope } = probe.eventOf({ key: newId(), step: 1 });
  await probe.admin.query(
    `insert into probe.outbox_event (event_id, tenant_id, topic, key, envelope, published_at)
     values ($1, $2, 'crm.link', $3, $4, case when $5 then now() end)`,
    [idOf(month, '00000000abcd'), envelope.tenantId, envelope.aggregateId, envelope, isPublished],
  );
}

async function drop(parent: string, months: number): Promise<string[]> {
  const { rows } = await worker.query<{ name: string }>('select drop_old_partitions($1, $2) as name', [parent, months]);
  return rows.map(({ name }) => name);
}

test('months before the kept ones are dropped, except one with an unpublished event', async () => {
  await makePartitions('outbox_event');
  await append('2024_01', true);
  await append('2024_02', false);
  await append('2024_03', true);
  expect(await drop('outbox_event', 1_200)).toEqual([]);
  expect(await drop('outbox_event', 2)).toEqual(['outbox_event_2024_01', 'outbox_event_2024_03']);
  const { rows } = await probe.admin.query('select count(*)::int as n from probe.outbox_event');
  expect(rows).toEqual([{ n: 1 }]);
  await probe.admin.query('update probe.outbox_event set published_at = now()');
  expect(await drop('outbox_event', 2)).toEqual(['outbox_event_2024_02']);
  // The kept months still work.
  await probe.appendNext(newId());
});

test('partitions of consumed events are dropped alike; other tables, and keeping nothing, are refused', async () => {
  await makePartitions('consumed_event');
  expect(await drop('consumed_event', 3)).toEqual(partitions.map((month) => `consumed_event_${month}`));
  await expect(drop('dead_letter', 3)).rejects.toThrow('partitions of dead_letter are not dropped');
  await expect(drop('outbox_event', 0)).rejects.toThrow('are not dropped');
});
