import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { firstIdAt, newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { openService } from '../src/service/service.ts';
import { openProbe, type Probe, probeSchema, type ProbeTables } from './support/probe.ts';
import { clean, type Step, tally } from './support/tally.ts';

let probe: Probe;

beforeAll(async () => {
  probe = await openProbe();
});

beforeEach(() => probe.forgetEverything());

afterAll(() => probe.close());

/** Processes of the server that work for the roles of the service. */
async function connections(): Promise<number[]> {
  const { rows } = await probe.admin.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and usename like 'crossdesk_probe_%' order by pid`,
  );
  return rows.map(({ pid }) => pid);
}

test('a service relays, consumes, is ready, and leaves no connection behind when it stops', async () => {
  await sql`select 1`.execute(probe.db.worker);
  const before = await connections();
  const service = await openService<ProbeTables>(probe.harness.deps, { ...probeSchema, openToLimited: [] });
  service.consume(probe.spec('probe.steps'));
  await service.start();
  expect(await service.problems()).toEqual([]);

  const sent: Step[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const key of [newId(), newId()]) sent.push(await service.db.asWorker((trx) => probe.append(trx, key)));
  }
  await eventually(async () => expect(tally(await probe.effects(), sent)).toEqual(clean));

  await service.stop(5_000);
  await eventually(async () => {
    const left = (await connections()).filter((pid) => !before.includes(pid));
    expect(left).toEqual([]);
  });
});

test('a new process continues its ids after those of the process before, whose clock was ahead', async () => {
  const minuteMs = 60_000;
  const ahead = firstIdAt(new Date(Date.now() + minuteMs));
  await probe.admin.query(
    `insert into probe.outbox_event (event_id, tenant_id, topic, key, envelope, published_at)
     values ($1, $2, 'crm.link', $2, '{}', now())`,
    [ahead, probe.tenantId],
  );
  expect(newId() < ahead).toBe(true);
  const service = await openService<ProbeTables>(probe.harness.deps, { ...probeSchema, openToLimited: [] });
  expect(newId() > ahead).toBe(true);
  await service.stop(5_000);
});

test('a parked key is replayed by the name of its consumer; under another name there is nothing to replay', async () => {
  const service = await openService<ProbeTables>(probe.harness.deps, { ...probeSchema, openToLimited: [] });
  let isMended = false;
  const spec = probe.spec('probe.parked', async () => {
    if (!isMended) throw new Error('not yet');
  });
  service.consume(spec);
  await service.start();
  const key = newId();
  const sent = [await probe.appendNext(key), await probe.appendNext(key)];
  await eventually(async () => expect(await probe.waitingLetters(spec.name)).toHaveLength(2));
  isMended = true;
  expect(await service.replay(probe.request, 'probe.nobody', key)).toBeNull();
  expect(await service.replay(probe.request, spec.name, key)).toEqual({ replayedCount: 2, remainingCount: 0 });
  expect(tally(await probe.effects(), sent)).toEqual(clean);
  const { rows: entries } = await probe.admin.query(`select action, target_id from probe.audit_entry`);
  expect(entries).toEqual([{ action: 'replayDeadLetters', target_id: key }]);
  await service.stop(5_000);
});

test('parts stop with the service, before the database does', async () => {
  const service = await openService<ProbeTables>(probe.harness.deps, { ...probeSchema, openToLimited: [] });
  const steps: string[] = [];
  service.addPart(() => ({
    name: 'sender',
    stop: async () => {
      await sql`select 1`.execute(service.db.worker);
      steps.push('stopped with the database still there');
    },
  }));
  await service.start();
  await service.stop(5_000);
  expect(steps).toEqual(['stopped with the database still there']);
  await expect(sql`select 1`.execute(service.db.worker)).rejects.toThrow(/driver has already been destroyed/);
});
