import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import type { Running } from '../src/broker/broker.port.ts';
import { PermanentError } from '../src/consumer/consumer.port.ts';
import { startConsumer } from '../src/consumer/consumer.ts';
import { listDeadLetters, replayKey } from '../src/consumer/dead-letters.ts';
import { callHandlers } from '../src/consumer/handler-calls.ts';
import {
  committingFirst,
  handDriven,
  lettingErrorsEscape,
  markingAfterwards,
  type OpenConsumer,
  parkingCarelessly,
  realConsumer,
  selectingFirst,
} from './support/consumers.ts';
import { createGate } from './support/gate.ts';
import { openProbe, type Probe, type ProbeEvent, probeTopic, stepOfEvent } from './support/probe.ts';
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

const newKeys = (count: number) => Array.from({ length: count }, () => newId());
const newName = () => `probe.${newId()}`;

function eventsOf(keys: readonly string[], steps: number): ProbeEvent[] {
  return Array.from({ length: steps }, (_, index) => keys.map((key) => probe.eventOf({ key, step: index + 1 }))).flat();
}

async function effectsOf(events: readonly ProbeEvent[]): Promise<Step[]> {
  const keys = new Set(events.map((event) => event.aggregateId));
  return (await probe.effects()).filter(({ key }) => keys.has(key));
}

async function tallyOf(events: readonly ProbeEvent[]): Promise<ReturnType<typeof tally>> {
  return tally(await effectsOf(events), events.map(stepOfEvent));
}

async function open(consumer: OpenConsumer, spec: Parameters<OpenConsumer>[1]): Promise<Running> {
  const running = await consumer(probe, spec);
  opened.push(running);
  return running;
}

/** Waits until the group has processed everything. */
async function through(group: string): Promise<void> {
  await eventually(async () => expect(await probe.broker.lag(group, [probeTopic])).toBe(0n));
}

describe('duplicate-delivery', () => {
  /** Each of 100 events reaches two members at the same moment. */
  async function deliverTwiceAtOnce(consumer: OpenConsumer): Promise<{ effects: number; errors: number }> {
    const spec = probe.spec(newName());
    const members = [handDriven(), handDriven()];
    for (const member of members) await consumer(probe, spec, member.broker);
    const events = eventsOf(newKeys(100), 1);
    let errors = 0;
    const deliveries = events.map(async (event) => {
      const results = await Promise.allSettled(members.map((member) => member.deliver(event)));
      errors += results.filter((result) => result.status === 'rejected').length;
    });
    await Promise.all(deliveries);
    return { effects: (await effectsOf(events)).length, errors };
  }

  test('100 events, each to two members at once, have 100 effects and no error', async () => {
    expect(await deliverTwiceAtOnce(realConsumer)).toEqual({ effects: 100, errors: 0 });
  });

  test('teeth: checking before marking fails on the conflict', async () => {
    const { errors } = await deliverTwiceAtOnce(selectingFirst);
    expect(errors).toBeGreaterThan(0);
  });

  test('teeth: marking after the effect doubles it', async () => {
    const { effects } = await deliverTwiceAtOnce(markingAfterwards);
    expect(effects).toBeGreaterThan(100);
  });

  test('the same events in one batch, in two batches and out of order have one effect each', async () => {
    const name = newName();
    await open(realConsumer, probe.spec(name));
    const events = eventsOf(newKeys(5), 4);
    await probe.harness.publish(...events, ...events);
    await probe.harness.publish(...events);
    await through(name);
    expect(await tallyOf(events)).toEqual(clean);
  });

  test('another consumer of the same event has its own effect', async () => {
    const names = [newName(), newName()];
    for (const name of names) await open(realConsumer, probe.spec(name));
    const events = eventsOf(newKeys(2), 2);
    await probe.harness.publish(...events);
    await Promise.all(names.map(through));
    expect((await tallyOf(events)).doubled).toBe(4);
  });
});

describe('consumer-dies-in-mid-batch', () => {
  /** The connection breaks in the middle of the first batch, with some effects written. */
  async function dieInMidBatch(consumer: OpenConsumer): Promise<ProbeEvent[]> {
    const name = newName();
    const events = eventsOf(newKeys(6), 5);
    await probe.harness.publish(...events);
    let breaks = 4;
    const spec = probe.spec(name);
    await open(consumer, {
      name,
      on: {
        'crm.conversation-linked': async (trx, delivered) => {
          await callHandlers(spec, trx, delivered);
          if (delivered.some(({ event }) => events[0]?.aggregateId === event.aggregateId) && breaks > 0) {
            breaks -= 1;
            await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx);
          }
        },
      },
    });
    await through(name);
    await eventually(async () => expect(breaks).toBeLessThan(4));
    return events;
  }

  test('the batch is delivered again, its effects exist once, and nothing is parked', async () => {
    const events = await dieInMidBatch(realConsumer);
    expect(await tallyOf(events)).toEqual(clean);
    const { rows } =
      await sql`select from dead_letter where event_id = any(${events.map(({ id }) => id)}::uuid[])`.execute(
        probe.db.worker,
      );
    expect(rows).toEqual([]);
  });

  test('teeth: a consumer that commits its position first loses the batch', async () => {
    const events = await dieInMidBatch(committingFirst);
    expect((await tallyOf(events)).lost).toBeGreaterThan(0);
  });

  test('teeth: a consumer that parks every failure parks messages that did not cause it', async () => {
    const events = await dieInMidBatch(parkingCarelessly);
    expect((await tallyOf(events)).lost).toBeGreaterThan(0);
  });
});

test('database-trouble: all connections break at once, again and again; nothing is lost, doubled or parked', async () => {
  const name = newName();
  const running = await open(realConsumer, probe.spec(name));
  const events = eventsOf(newKeys(10), 20);
  for (let round = 0; round < 10; round += 1) {
    await probe.harness.publish(...events.slice(round * 20, round * 20 + 20));
    await probe.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'crossdesk'`,
    );
  }
  await through(name);
  await eventually(async () => expect(running.problem()).toBeNull());
  expect(await eventually(() => tallyOf(events))).toEqual(clean);
  expect(await probe.waitingLetters(name)).toEqual([]);
});

test('handler-fails-twice-then-works: nothing is parked', async () => {
  const name = newName();
  let failures = 2;
  await open(
    realConsumer,
    probe.spec(name, async () => {
      if (failures === 0) return;
      failures -= 1;
      throw new Error('not this time');
    }),
  );
  const events = eventsOf(newKeys(3), 3);
  await probe.harness.publish(...events);
  await through(name);
  expect(failures).toBe(0);
  expect(await tallyOf(events)).toEqual(clean);
  expect(await probe.waitingLetters(name)).toEqual([]);
});

test('an event whose statement never ends is tried as often as others, then parked; other keys continue', async () => {
  const [slow = '', other = ''] = newKeys(2);
  const spec = probe.spec(newName(), async (trx, delivered) => {
    if (!delivered.some(({ event }) => event.aggregateId === slow)) return;
    await sql`set local statement_timeout = 20`.execute(trx);
    await sql`select pg_sleep(60)`.execute(trx);
  });
  await open(realConsumer, spec);
  const events = [probe.eventOf({ key: slow, step: 1 }), probe.eventOf({ key: other, step: 1 })];
  await probe.harness.publish(...events);
  await through(spec.name);
  expect(await probe.waitingLetters(spec.name)).toMatchObject([
    { key: slow, is_blocking: true, attempts: 2, reason: expect.stringContaining('statement timeout') },
  ]);
  expect((await effectsOf(events)).map(({ key }) => key)).toEqual([other]);
});

test('the event of a handler that waits for ever is parked, its connection is released, and its later writes are refused', async () => {
  const [stuck = '', other = ''] = newKeys(2);
  const late: Promise<unknown>[] = [];
  const gate = createGate();
  const spec = probe.spec(newName(), async (trx, delivered) => {
    const event = delivered.map((one) => one.event).find(({ aggregateId }) => aggregateId === stuck);
    if (event === undefined) return;
    const write = () =>
      trx.insertInto('effect').values({ tenant_id: event.tenantId, event_id: newId(), key: stuck, step: 1 }).execute();
    await write();
    await gate.pass();
    late.push(write());
    await Promise.allSettled(late);
  });
  const db = probe.openHurried(200);
  const { broker, harness } = probe;
  const retry = { attemptsMax: 2, pauseMs: 1 };
  opened.push(await startConsumer({ broker, db, log: harness.deps.log, retry }, spec));
  const events = [stuck, other, stuck, other].map((key, at) => probe.eventOf({ key, step: at < 2 ? 1 : 2 }));
  await probe.harness.publish(...events);
  try {
    await through(spec.name);
    expect(await probe.waitingLetters(spec.name)).toEqual([
      { key: stuck, is_blocking: true, attempts: 2, reason: 'WorkOverdue: did not end within 0.2 s' },
      { key: stuck, is_blocking: true, attempts: 0, reason: 'an earlier event of the key is parked' },
    ]);
    expect(db.pools()).toContainEqual(expect.objectContaining({ role: 'worker', busy: 0 }));
  } finally {
    gate.open();
  }
  // The batch with all of them, and two tries of the first.
  await eventually(async () => expect(late).toHaveLength(3));
  for (const writing of late) await expect(writing).rejects.toThrow('already rolled back');
  expect(await effectsOf(events)).toEqual([1, 2].map((step) => ({ key: other, step })));
});

test('a handler that uses its whole minute at every try blocks its partition for five minutes at most', async () => {
  const [stuck = '', other = ''] = newKeys(2);
  let nowMs = 0;
  const spec = probe.spec(newName(), async (_trx, delivered) => {
    if (!delivered.some(({ event }) => event.aggregateId === stuck)) return;
    nowMs += 60_000;
    throw new Error('hung for a minute');
  });
  const { broker, db, harness } = probe;
  const events = [stuck, other].map((key) => probe.eventOf({ key, step: 1 }));
  await probe.harness.publish(...events);
  opened.push(await startConsumer({ broker, db, log: harness.deps.log, nowMs: () => nowMs }, spec));
  await through(spec.name);
  expect(nowMs).toBeLessThanOrEqual(5 * 60_000);
  expect(await probe.waitingLetters(spec.name)).toMatchObject([{ key: stuck, reason: 'Error: hung for a minute' }]);
  expect((await effectsOf(events)).map(({ key }) => key)).toEqual([other]);
});

test('a permanent error parks the event at once, with its message as the reason', async () => {
  const name = newName();
  const [key = ''] = newKeys(1);
  await open(
    realConsumer,
    probe.spec(name, async () => {
      throw new PermanentError('there is no such customer');
    }),
  );
  await probe.harness.publish(probe.eventOf({ key, step: 1 }));
  await eventually(async () =>
    expect(await probe.waitingLetters(name)).toEqual([
      { key, is_blocking: true, attempts: 1, reason: 'PermanentError: there is no such customer' },
    ]),
  );
});

test('rebalance-in-mid-batch and shutdown: members come and go, every effect is there once and in order', async () => {
  const name = newName();
  const events = eventsOf(newKeys(20), 30);
  const publishing = (async () => {
    for (let at = 0; at < events.length; at += 20) await probe.harness.publish(...events.slice(at, at + 20));
  })();
  for (let generation = 0; generation < 6; generation += 1) {
    const [first, second] = [await realConsumer(probe, probe.spec(name)), await realConsumer(probe, probe.spec(name))];
    await eventually(async () => expect((await effectsOf(events)).length).toBeGreaterThan(generation * 60));
    await Promise.all([first.stop(), second.stop()]);
  }
  await publishing;
  await open(realConsumer, probe.spec(name));
  await through(name);
  expect(await tallyOf(events)).toEqual(clean);
});

test('shutdown-drains: the current transaction is committed, and its batch is not delivered again', async () => {
  const name = newName();
  const gate = createGate();
  const [key = ''] = newKeys(1);
  const event = probe.eventOf({ key, step: 1 });
  const running = await realConsumer(
    probe,
    probe.spec(name, (_trx, delivered) =>
      delivered.some((one) => one.event.id === event.id) ? gate.pass() : Promise.resolve(),
    ),
  );
  await through(name);
  await probe.harness.publish(event);
  await gate.reached;
  const stopped = running.stop();
  gate.open();
  await stopped;
  expect(await tallyOf([event])).toEqual(clean);
  expect(await probe.broker.lag(name, [probeTopic])).toBe(0n);
});

describe('poison-message', () => {
  function poisonFor(key: string): string[] {
    const event = probe.eventOf({ key, step: 9 });
    const changed = (change: object) => JSON.stringify({ ...event, ...change });
    return [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      'NaN',
      '1e999',
      '['.repeat(100_000) + ']'.repeat(100_000),
      '{"__proto__":{"type":"crm.conversation-linked"}}',
      `\ufeff${JSON.stringify(event)}`.slice(0, -1),
      // A NUL in a name ends up in the reason, where Postgres cannot store it.
      changed({ id: newId(), source: '\u0000\ud800', data: { '\u0000': 1 } }),
      changed({ tenantId: 'not a tenant' }),
      changed({ id: 7 }),
      changed({ data: {} }),
      changed({ aggregateVersion: 1.5 }),
    ];
  }

  /** Between two good events of the same key, publishes a record that none of our publishers would send. */
  async function consumePoison(consumer: OpenConsumer, name: string) {
    const [key = ''] = newKeys(1);
    const poison = poisonFor(key);
    const events = [1, 2].map((step) => probe.eventOf({ key, step }));
    const values = [JSON.stringify(events[0]), ...poison, JSON.stringify(events[1])];
    await probe.broker.publish(values.map((value) => ({ topic: probeTopic, key, value, headers: {} })));
    const running = await open(consumer, probe.spec(name));
    return { key, events, poison: poison.length, running };
  }

  test('each shape is parked without blocking its key, and the partition continues', async () => {
    const name = newName();
    const { key, events, poison } = await consumePoison(realConsumer, name);
    await through(name);
    const letters = (await probe.waitingLetters(name)).filter((letter) => letter.key === key);
    expect(letters).toHaveLength(poison);
    expect(
      letters.every((letter) => !letter.is_blocking && letter.reason.startsWith('event breaks its contract')),
    ).toBe(true);
    expect(await tallyOf(events)).toEqual(clean);
  });

  test('bytes that are not UTF-8, which another log may contain, are parked too', async () => {
    const name = newName();
    const [key = ''] = newKeys(1);
    const member = handDriven();
    await realConsumer(probe, probe.spec(name), member.broker);
    await member.deliverBytes(key, Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(await probe.waitingLetters(name)).toEqual([
      { key, is_blocking: false, attempts: 1, reason: 'event breaks its contract: not JSON in UTF-8' },
    ]);
  });

  test('a parked record keeps its bytes, and is parked once however often it comes', async () => {
    const [key = ''] = newKeys(1);
    await probe.broker.publish([{ topic: probeTopic, key, value: '{"broken":true}', headers: {} }]);
    const name = newName();
    for (let time = 0; time < 2; time += 1) {
      const running = await realConsumer(probe, probe.spec(name));
      await through(name);
      await running.stop();
      await probe.admin.query('update broker.group_partition set next_position = 0 where group_name = $1', [name]);
    }
    const { rows } = await sql<{
      raw: Buffer;
    }>`select raw from dead_letter where consumer = ${name} and key = ${key}`.execute(probe.db.worker);
    expect(rows.map((row) => row.raw.toString())).toEqual(['{"broken":true}']);
  });

  test('an event of an unknown type is skipped by consumers that do not handle it, and is counted', async () => {
    const [key = ''] = newKeys(1);
    const spec = probe.spec(newName());
    const member = handDriven();
    let unreadable = 0;
    const { db, harness } = probe;
    const observer = {
      onBatch: (batch: { unreadable: number }) => void (unreadable += batch.unreadable),
      onRetry: () => undefined,
    };
    await startConsumer({ broker: member.broker, db, log: harness.deps.log, observer }, spec);
    const stranger = { ...probe.eventOf({ key, step: 1 }), type: 'crm.nobody-knows' };
    await member.deliverBytes(key, Buffer.from(JSON.stringify(stranger)));
    await member.deliver(probe.eventOf({ key, step: 2 }));
    expect(await probe.waitingLetters(spec.name)).toEqual([]);
    expect(unreadable).toBe(1);
    expect((await probe.effects()).filter((effect) => effect.key === key)).toHaveLength(1);
  });

  test('an event of a newer version is parked for its workspace, and its key waits for the upgrade', async () => {
    const [key = ''] = newKeys(1);
    const spec = probe.spec(newName());
    const newer = { ...probe.eventOf({ key, step: 1 }), version: 99 };
    const next = probe.eventOf({ key, step: 2 });
    await probe.broker.publish([
      { topic: probeTopic, key, value: JSON.stringify(newer), headers: {} },
      { topic: probeTopic, key, value: JSON.stringify(next), headers: {} },
    ]);
    await open(realConsumer, spec);
    await through(spec.name);
    const letters = await probe.db.forTenant(probe.tenantId, (trx) => listDeadLetters(trx, probe.tenantId, 10, null));
    expect(letters.filter((letter) => letter.key === key)).toMatchObject([
      { event_type: 'crm.conversation-linked', reason: expect.stringContaining('conversation-linked@99') },
      { event_type: 'crm.conversation-linked', reason: 'an earlier event of the key is parked' },
    ]);
    expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 0, remainingCount: 2 });
    // The test replaces the bytes by ones that an upgrade could read.
    const readable = Buffer.from(JSON.stringify({ ...newer, version: 1 }));
    await probe.admin.query('update probe.dead_letter set raw = $1 where event_id = $2', [readable, newer.id]);
    expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 2, remainingCount: 0 });
    expect(await tallyOf([probe.eventOf({ key, step: 1 }), next])).toEqual(clean);
  });

  test('an invalid event is shown to its workspace and blocks neither its key nor a replay', async () => {
    const [key = ''] = newKeys(1);
    const wrong = { ...probe.eventOf({ key, step: 1 }), data: {} };
    const failing = probe.eventOf({ key, step: 2 });
    let isBroken = true;
    const spec = probe.spec(newName(), async () => {
      if (isBroken) throw new PermanentError('not yet');
    });
    await probe.broker.publish(
      [wrong, failing].map((event) => ({ topic: probeTopic, key, value: JSON.stringify(event), headers: {} })),
    );
    await open(realConsumer, spec);
    await through(spec.name);
    expect(await probe.waitingLetters(spec.name)).toMatchObject([{ is_blocking: false }, { is_blocking: true }]);
    isBroken = false;
    expect(await replayKey(probe.db, spec, probe.tenantId, key)).toEqual({ replayedCount: 1, remainingCount: 1 });
    const letters = await probe.db.forTenant(probe.tenantId, (trx) => listDeadLetters(trx, probe.tenantId, 10, null));
    expect(letters.filter((letter) => letter.key === key)).toMatchObject([
      { reason: expect.stringContaining('/data') },
    ]);
  });

  test('teeth: a consumer that lets the error escape is stuck before the first of them', async () => {
    const { events, running } = await consumePoison(lettingErrorsEscape, newName());
    await eventually(async () => expect(running.problem()).toBe('batches fail'));
    expect((await tallyOf(events)).lost).toBeGreaterThan(0);
  });
});
