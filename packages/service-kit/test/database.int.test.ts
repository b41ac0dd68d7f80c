import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';
import { afterCommit } from '../src/db/timed-transaction.ts';
import { takeNew } from '../src/consumer/consumed-event.store.ts';
import { openProbe, type Probe, type ProbeTables, type ProbeTransaction } from './support/probe.ts';

let probe: Probe;
beforeAll(async () => {
  probe = await openProbe();
});
afterAll(() => probe.close());

test('a connection plans an insert once, and other statements each time', async () => {
  const texts = await probe.db.asWorker(async (trx) => {
    const [first, second] = [newId(), newId()];
    expect(await takeNew(trx, 'a', [first])).toEqual(new Set([first]));
    expect(await takeNew(trx, 'b', [first, second])).toEqual(new Set([first, second]));
    const { rows } = await sql<{ text: string }>`select statement as text from pg_prepared_statements`.execute(trx);
    return rows.map(({ text }) => text.trim().split(' ', 3).join(' '));
  });
  expect(texts).toEqual(['insert into consumed_event']);
});

test('a step after the commit runs once, when others can see the rows; after a rollback it does not run', async () => {
  const seen: Promise<number>[] = [];
  const key = newId();
  const look = (): void => {
    seen.push(probe.effects().then((effects) => effects.filter((effect) => effect.key === key).length));
  };
  const write = async (trx: ProbeTransaction): Promise<void> => {
    await trx.insertInto('effect').values({ tenant_id: probe.tenantId, event_id: newId(), key, step: 1 }).execute();
    afterCommit(trx, look);
    afterCommit(trx, look);
  };
  await expect(
    probe.db.asWorker(async (trx) => {
      await write(trx);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  let tries = 0;
  await probe.db.asWorker(async (trx) => {
    await write(trx);
    tries += 1;
    if (tries === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
  });
  expect(tries).toBe(2);
  expect(await Promise.all(seen)).toEqual([1]);
});

describe('work that takes too long', () => {
  let db: Database<ProbeTables>;
  beforeAll(() => {
    db = probe.openHurried(100);
  });

  async function insertEffect(trx: ProbeTransaction, key: string): Promise<void> {
    const row = { tenant_id: probe.tenantId, event_id: newId(), key, step: 1 };
    await trx.insertInto('effect').values(row).execute();
  }

  async function countEffects(key: string): Promise<number> {
    return (await probe.effects()).filter((effect) => effect.key === key).length;
  }

  test('statements that wait for the running one are not executed after the rollback', async () => {
    const key = newId();
    let behind: readonly PromiseSettledResult<unknown>[] = [];
    const work = db.asWorker(async (trx) => {
      await sql`set local statement_timeout = 0`.execute(trx);
      const slow = sql`select pg_sleep(0.4)`.execute(trx).then(() => insertEffect(trx, key));
      behind = await Promise.allSettled([slow, insertEffect(trx, key), insertEffect(trx, key)]);
    });
    await expect(work).rejects.toThrow('did not end within 0.1 s');
    await eventually(async () => expect(behind).toHaveLength(3));
    expect(await countEffects(key)).toBe(0);
  });

  test('of a request is rolled back and releases its lock and its connection', async () => {
    const key = newId();
    const waiting = db.forTenant(probe.tenantId, async (trx) => {
      await insertEffect(trx, key);
      await new Promise(() => undefined);
    });
    await expect(waiting).rejects.toThrow('did not end within 0.1 s');
    expect(db.pools()).toContainEqual(expect.objectContaining({ role: 'app', busy: 0 }));
    expect(await countEffects(key)).toBe(0);
  });

  test('is reported as late even if Postgres has ended its session, and the next gets another session', async () => {
    const waiting = db.asWorker(async (trx) => {
      await sql`set local idle_in_transaction_session_timeout = 20`.execute(trx);
      await new Promise(() => undefined);
    });
    await expect(waiting).rejects.toThrow('did not end within 0.1 s');
    const key = newId();
    await db.asWorker((trx) => insertEffect(trx, key));
    expect(await countEffects(key)).toBe(1);
  });
});
