import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import type { Running } from '../src/broker/broker.port.ts';
import { listDeadLetters, park, replayKey, type ReplayResult } from '../src/consumer/dead-letters.ts';
import { takeNew } from '../src/consumer/consumed-event.store.ts';
import { callHandlers } from '../src/consumer/handler-calls.ts';
import { type OpenConsumer, parkingCarelessly, realConsumer } from './support/consumers.ts';
import { createGate } from './support/gate.ts';
import { openProbe, type Probe, type ProbeEvent, type ProbeSpec, probeTopic, stepOfEvent } from './support/probe.ts';
import { clean, type Step, tally } from './support/tally.ts';

let probe: Probe;
let opened: Running[] = [];

beforeAll(async () => {
  probe = await openProbe();
});

afterEach(async () => {
  await Promise.all(opened.map((running) => running.stop()));
  opened = [];
  await probe.forgetEverything();
});

afterAll(() => probe.close());

const newName = () => `probe.${newId()}`;

function stepsOf(key: string, from: number, to: number): ProbeEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => probe.eventOf({ key, step: from + index }));
}

async function through(group: string): Promise<void> {
  await eventually(async () => expect(await probe.broker.lag(group, [probeTopic])).toBe(0n));
}

async function effectsOf(key: string): Promise<Step[]> {
  return (await probe.effects()).filter((effect) => effect.key === key);
}

/** A handler that fails on the given event until it is repaired. */
function brokenOn(event: () => ProbeEvent | null, name = newName()): ProbeSpec {
  return probe.spec(name, async (_trx, delivered) => {
    if (delivered.some((one) => one.event.id === event()?.id)) throw new Error('this one is too much');
  });
}

describe('key-parked-then-replayed', () => {
  /** Step 2 of a key fails; more of the key and of others follow; after the repair the key is replayed. */
  async function parkAndReplay(consumer: OpenConsumer) {
    const [key, other] = [newId(), newId()];
    const own = stepsOf(key, 1, 6);
    let bad: ProbeEvent | null = own[1] ?? null;
    const spec = brokenOn(() => bad);
    opened.push(await consumer(probe, spec));
    await probe.harness.publish(...own.slice(0, 4), ...stepsOf(other, 1, 4));
    await through(spec.name);
    const whileParked = {
      own: await effectsOf(key),
      other: await effectsOf(other),
      letters: await probe.waitingLetters(spec.name),
    };
    await probe.harness.publish(...own.slice(4));
    await through(spec.name);
    bad = null;
    const replay = await replayKey(probe.db, spec, probe.tenantId, key);
    const next = stepsOf(key, 7, 8);
    await probe.harness.publish(...next);
    await through(spec.name);
    return { whileParked, replay, result: tally(await effectsOf(key), [...own, ...next].map(stepOfEvent)), key };
  }

  test('later events of the key wait behind it, other keys continue, and the replay keeps the order', async () => {
    const { whileParked, replay, result, key } = await parkAndReplay(realConsumer);
    expect(whileParked.own.map(({ step }) => step)).toEqual([1]);
    expect(whileParked.other.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(whileParked.letters).toEqual([
      { key, is_blocking: true, attempts: 2, reason: 'Error: this one is too much' },
      { key, is_blocking: true, attempts: 0, reason: 'an earlier event of the key is parked' },
      { key, is_blocking: true, attempts: 0, reason: 'an earlier event of the key is parked' },
    ]);
    expect(replay).toEqual({ replayedCount: 5, remainingCount: 0 });
    expect(result).toEqual(clean);
  });

  test('teeth: parking without blocking the key inverts its order', async () => {
    const { result } = await parkAndReplay(parkingCarelessly);
    expect(result.inverted).toBeGreaterThan(0);
  });
});

test('a replay stops at the first event that still fails, keeps the order and counts the attempt', async () => {
  const key = newId();
  const own = stepsOf(key, 1, 4);
  let bad = own[0] ?? null;
  const spec = brokenOn(() => bad);
  opened.push(await realConsumer(probe, spec));
  await probe.harness.publish(...own);
  await through(spec.name);
  bad = own[2] ?? null;
  expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 2, remainingCount: 2 });
  expect((await effectsOf(key)).map(({ step }) => step)).toEqual([1, 2]);
  expect(await probe.waitingLetters(spec.name)).toMatchObject([
    { attempts: 1, reason: 'Error: this one is too much' },
    { attempts: 0 },
  ]);
  bad = null;
  expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 2, remainingCount: 0 });
  expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 0, remainingCount: 0 });
  expect(tally(await effectsOf(key), own.map(stepOfEvent))).toEqual(clean);
});

describe('replay-races-with-arrivals', () => {
  test('nothing is stuck behind a replay, and the order of the key is kept', async () => {
    let bad: ProbeEvent | null = null;
    const spec = brokenOn(() => bad);
    opened.push(await realConsumer(probe, spec));
    for (let round = 0; round < 15; round += 1) {
      const key = newId();
      const own = stepsOf(key, 1, 24);
      bad = own[0] ?? null;
      await probe.harness.publish(...own.slice(0, 4));
      await eventually(async () => expect((await probe.waitingLetters(spec.name)).length).toBeGreaterThan(0));
      bad = null;
      const publishing = (async () => {
        for (const event of own.slice(4)) await probe.harness.publish(event);
      })();
      const replays: Promise<ReplayResult>[] = [];
      for (let time = 0; time < 3; time += 1) replays.push(replayKey(probe.db, spec, probe.tenantId, key));
      await Promise.all([publishing, ...replays]);
      await through(spec.name);
      const { remainingCount } = await replayKey(probe.db, spec, probe.tenantId, key);
      expect(remainingCount).toBe(0);
      expect(tally(await effectsOf(key), own.map(stepOfEvent))).toEqual(clean);
    }
  });

  /** The consumer has seen that the key is blocked, and parks only after the replay has emptied the key. */
  async function parkLate(
    consume: (spec: ProbeSpec, key: string, event: ProbeEvent, looked: () => Promise<void>) => Promise<void>,
  ) {
    const key = newId();
    const [first, second] = stepsOf(key, 1, 2);
    if (first === undefined || second === undefined) throw new Error('there are two steps');
    const looked = createGate();
    const spec = probe.spec(newName(), (_trx, delivered) =>
      // The replay is processing the first event when the second one arrives.
      delivered.some(({ event }) => event.id === first.id) ? looked.pass() : Promise.resolve(),
    );
    const record = {
      topic: probeTopic,
      partition: 0,
      position: 0n,
      key,
      value: Buffer.from(JSON.stringify(first)),
      headers: {},
    };
    await probe.db.asWorker((trx) =>
      park(trx, spec.name, record, { event: first, reason: 'test', attempts: 1, isBlocking: true }),
    );
    const replaying = replayKey(probe.db, spec, probe.tenantId, key);
    await looked.reached;
    const finishReplay = async (): Promise<void> => {
      looked.open();
      await replaying;
    };
    await consume(spec, key, second, finishReplay);
    await finishReplay();
    return {
      waiting: (await probe.waitingLetters(spec.name)).length,
      result: tally(await effectsOf(key), [first, second].map(stepOfEvent)),
    };
  }

  test('an event that meets a running replay waits for it', async () => {
    const { waiting, result } = await parkLate(async (spec, _key, event, finishReplay) => {
      opened.push(await realConsumer(probe, spec));
      await probe.harness.publish(event);
      // The consumer is waiting for the lock of the key.
      await eventually(async () => {
        const { rowCount } = await probe.admin.query(
          `select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
        );
        expect(rowCount).toBe(1);
      });
      await finishReplay();
      await through(spec.name);
    });
    expect({ waiting, result }).toEqual({ waiting: 0, result: clean });
  });

  test('teeth: without the lock the event is parked behind nothing, and nothing releases it', async () => {
    const { waiting, result } = await parkLate(async (spec, key, event, finishReplay) => {
      await probe.db.asWorker(async (trx) => {
        const { rows } =
          await sql`select from dead_letter where consumer = ${spec.name} and key = ${key} and replayed_at is null`.execute(
            trx,
          );
        await finishReplay();
        const record = {
          topic: probeTopic,
          partition: 0,
          position: 1n,
          key,
          value: Buffer.from(JSON.stringify(event)),
          headers: {},
        };
        if (rows.length > 0)
          await park(trx, spec.name, record, { event, reason: 'behind', attempts: 0, isBlocking: true });
        else if ((await takeNew(trx, spec.name, [event.id])).size === 1)
          await callHandlers(spec, trx, [{ event, traceparent: null }]);
      });
    });
    expect({ waiting, lost: result.lost }).toEqual({ waiting: 1, lost: 1 });
  });
});

test('letters are listed and replayed for their own tenant only', async () => {
  const key = newId();
  const own = stepsOf(key, 1, 2);
  let bad = own[0] ?? null;
  const spec = brokenOn(() => bad);
  opened.push(await realConsumer(probe, spec));
  await probe.harness.publish(...own);
  await through(spec.name);
  bad = null;
  const stranger = newId<TenantId>();
  expect(await replayKey(probe.db, spec, stranger, key)).toEqual({ replayedCount: 0, remainingCount: 0 });
  expect(await probe.db.forTenant(stranger, (trx) => listDeadLetters(trx, stranger, 10, null))).toEqual([]);
  expect(await probe.db.forTenant(stranger, (trx) => listDeadLetters(trx, probe.tenantId, 10, null))).toEqual([]);
  const list = await probe.db.forTenant(probe.tenantId, (trx) => listDeadLetters(trx, probe.tenantId, 1, null));
  expect(list).toMatchObject([{ key, consumer: spec.name, event_type: 'crm.conversation-linked' }, { key }]);
  const rest = await probe.db.forTenant(probe.tenantId, (trx) =>
    listDeadLetters(trx, probe.tenantId, 1, list[0]?.id ?? null),
  );
  expect(rest).toHaveLength(1);
});

test('a redelivered event that was parked and replayed has no second effect', async () => {
  const key = newId();
  const own = stepsOf(key, 1, 3);
  let bad = own[0] ?? null;
  const spec = brokenOn(() => bad);
  opened.push(await realConsumer(probe, spec));
  await probe.harness.publish(...own);
  await through(spec.name);
  await probe.harness.publish(...own);
  await through(spec.name);
  expect(await probe.waitingLetters(spec.name)).toHaveLength(3);
  bad = null;
  await replayKey(probe.db, spec, probe.tenantId, key);
  await probe.harness.publish(...own);
  await through(spec.name);
  expect(tally(await effectsOf(key), own.map(stepOfEvent))).toEqual(clean);
  expect(await probe.waitingLetters(spec.name)).toEqual([]);
});
