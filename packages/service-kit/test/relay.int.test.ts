import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeEvent, newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { waitFor } from '@crossdesk/testkit/waiting';
import { sql } from 'kysely';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { OutgoingRecord, Running } from '../src/broker/broker.port.ts';
import { createGate } from './support/gate.ts';
import {
  type OpenRelay,
  realRelay,
  relayBehindXmin,
  relayMarkingFirst,
  relayPagingBySeq,
  relaySkippingLocked,
  startRealRelay,
} from './support/relays.ts';
import { openProbe, type Probe, probeTopic } from './support/probe.ts';
import { clean, firstArrivals, type Step, tally } from './support/tally.ts';

let probe: Probe;
let log: Step[];
let expectedAtStart: bigint;
let tail: Running;

beforeAll(async () => {
  probe = await openProbe();
});

afterAll(() => probe.close());

beforeEach(async () => {
  log = [];
  const bounds = [...(await probe.broker.bounds(probeTopic))];
  expectedAtStart = bounds.reduce((sum, [, { next }]) => sum + next, 0n);
  const from = { [probeTopic]: Object.fromEntries(bounds.map(([partition, { next }]) => [partition, next])) };
  tail = await probe.broker.tail({ topics: [probeTopic], from, batchSizeMax: 1_000 }, async (batch) => {
    for (const { value } of batch.records) log.push(stepOf(new TextDecoder().decode(value)));
  });
});

afterEach(async () => {
  await tail.stop();
  await sql`delete from outbox_event`.execute(probe.db.worker);
});

function stepOf(envelope: string): Step {
  const { aggregateId, aggregateVersion } = JSON.parse(envelope) as { aggregateId: string; aggregateVersion: number };
  return { key: aggregateId, step: aggregateVersion };
}

/** The steps on the log so far, in the order of each key. */
async function onLog(): Promise<Step[]> {
  const bounds = [...(await probe.broker.bounds(probeTopic))];
  const published = bounds.reduce((sum, [, { next }]) => sum + next, 0n) - expectedAtStart;
  await eventually(async () => expect(log).toHaveLength(Number(published)));
  return log;
}

async function appendRounds(keys: readonly string[], rounds: number): Promise<Step[]> {
  const sent: Step[] = [];
  for (let round = 0; round < rounds; round += 1) {
    sent.push(...(await Promise.all(keys.map((key) => probe.appendNext(key)))));
  }
  return sent;
}

const newKeys = (count: number) => Array.from({ length: count }, () => newId());

/** Breaks the connection that holds the lock of the relay, as if its process had died. */
async function killRelay(): Promise<void> {
  await probe.admin.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
}

describe('relay-dies-after-send-before-mark, relay-dies-before-send, broker-down-then-up', () => {
  /** Fails before it sends the first batch and after it sent the second; then the broker is down for two more. */
  async function publishThroughTrouble(open: OpenRelay): Promise<{ sent: Step[]; arrived: Step[] }> {
    let calls = 0;
    const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => {
      calls += 1;
      if (calls === 1) await killRelay();
      if (calls === 1 || calls === 3 || calls === 4) throw new Error('not sent');
      await probe.broker.publish(batch);
      if (calls === 2) await killRelay();
    };
    const keys = newKeys(5);
    const sent = await appendRounds(keys, 3);
    const relay = open(probe, { publish });
    await relay.settle();
    sent.push(...(await appendRounds(keys, 3)));
    await relay.settle();
    sent.push(...(await appendRounds(keys, 3)));
    await relay.settle();
    await relay.stop();
    return { sent, arrived: await onLog() };
  }

  test('nothing is lost, first deliveries are in order, and only repeats occur', async () => {
    const { sent, arrived } = await publishThroughTrouble(realRelay);
    expect(tally(arrived, sent)).toMatchObject({ lost: 0, inverted: 0 });
    expect(tally(arrived, sent).doubled).toBeGreaterThan(0);
    expect(tally(firstArrivals(arrived), sent)).toEqual(clean);
  });

  test('teeth: a relay that marks before it sends loses events', async () => {
    const { sent, arrived } = await publishThroughTrouble(relayMarkingFirst);
    expect(tally(arrived, sent).lost).toBeGreaterThan(0);
  });
});

test('a record names its event, type, version and workspace in its headers', async () => {
  const published: OutgoingRecord[] = [];
  const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => void published.push(...batch);
  const relay = startRealRelay(probe, { publish }, 'probe');
  await probe.appendNext(newId());
  await relay.settle();
  await relay.stop();
  const { id, type, version, tenantId } = decodeEvent(Buffer.from(published[0]?.value ?? ''));
  const headers = { 'event-id': id, 'event-type': type, 'event-version': String(version), 'tenant-id': tenantId };
  expect(published).toMatchObject([{ headers }]);
});

test('what commits while a batch is published is the next batch', async () => {
  const gate = createGate();
  const sizes: number[] = [];
  const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => {
    sizes.push(batch.length);
    if (sizes.length === 1) await gate.pass();
    await probe.broker.publish(batch);
  };
  const relay = startRealRelay(probe, { publish }, 'probe');
  const sent = [await probe.appendNext(newId())];
  await gate.reached;
  for (const key of newKeys(7)) sent.push(await probe.appendNext(key));
  gate.open();
  await relay.settle();
  await relay.stop();
  expect(sizes).toEqual([1, 7]);
  expect(tally(await onLog(), sent)).toEqual(clean);
});

test('broker-down: the relay reports it while it lasts, keeps the events, and recovers afterwards', async () => {
  let isUp = false;
  const relay = startRealRelay(
    probe,
    { publish: (batch) => (isUp ? probe.broker.publish(batch) : Promise.reject(new Error('broker away'))) },
    'probe',
  );
  const sent = await appendRounds(newKeys(3), 3);
  await eventually(async () => expect(relay.problem()).toBe('relay cannot publish'));
  expect(await onLog()).toEqual([]);
  isUp = true;
  await relay.settle();
  expect(relay.problem()).toBeNull();
  await relay.stop();
  expect(tally(await onLog(), sent)).toEqual(clean);
});

describe('two-relays-at-once', () => {
  test('the lock excludes the second one: nothing is published twice', async () => {
    const relays = [realRelay(probe, probe.broker), realRelay(probe, probe.broker)];
    const sent = await appendRounds(newKeys(6), 10);
    await Promise.all(relays.map((relay) => relay.settle()));
    await Promise.all(relays.map((relay) => relay.stop()));
    expect(tally(await onLog(), sent)).toEqual(clean);
  });

  test('while the first one publishes a batch, the second one asks for the lock and publishes nothing', async () => {
    const gate = createGate();
    const first = realRelay(probe, {
      publish: async (batch) => {
        await gate.pass();
        await probe.broker.publish(batch);
      },
    });
    const sent = await appendRounds(newKeys(2), 2);
    await gate.reached;
    let intrusions = 0;
    const second = realRelay(probe, { publish: async () => void (intrusions += 1) });
    // It asks once a second: a second query shows that it did not get the lock.
    const asked = new Set<string>();
    await eventually(async () => {
      const { rows } = await sql<{ at: string }>`
        select state_change::text as at from pg_stat_activity
        where datname = current_database() and query like 'select pg_try_advisory_lock%'`.execute(probe.db.worker);
      for (const { at } of rows) asked.add(at);
      expect(asked.size).toBeGreaterThanOrEqual(2);
    });
    expect(intrusions).toBe(0);
    await second.stop();
    gate.open();
    await first.settle();
    await first.stop();
    expect(tally(await onLog(), sent)).toEqual(clean);
  });

  test('the second one recovers after it has lost its connection, although it publishes nothing', async () => {
    const first = realRelay(probe, probe.broker);
    const sent = await appendRounds(newKeys(2), 2);
    await first.settle();
    const second = startRealRelay(probe, probe.broker, 'probe');
    await eventually(async () => {
      await probe.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query like 'select pg_try_advisory_lock%'
           and pid not in (select pid from pg_locks where locktype = 'advisory')`,
      );
      expect(second.problem()).toBe('relay cannot publish');
    });
    await eventually(async () => expect(second.problem()).toBeNull());
    await Promise.all([first.stop(), second.stop()]);
    expect(tally(await onLog(), sent)).toEqual(clean);
  });

  test('the second one tells the first what its process has committed', async () => {
    const first = realRelay(probe, probe.broker);
    const sent = await appendRounds(newKeys(1), 1);
    await first.settle();
    const listener = new Client({ connectionString: probe.workerUrl });
    await listener.connect();
    const told = once(listener, 'notification');
    await listener.query('listen "relay probe"');
    // From now on commits wake the second one, as if they were those of another process.
    const second = realRelay(probe, probe.broker);
    sent.push(...(await appendRounds(newKeys(1), 1)));
    await waitFor('the relay to be told', told);
    await first.settle();
    await listener.end();
    await Promise.all([first.stop(), second.stop()]);
    expect(tally(await onLog(), sent)).toEqual(clean);
  });

  test('the second one takes over when the first one stops', async () => {
    const first = realRelay(probe, probe.broker);
    const sent = await appendRounds(newKeys(2), 2);
    await first.settle();
    const second = realRelay(probe, probe.broker);
    await first.stop();
    sent.push(...(await appendRounds(newKeys(2), 2)));
    await second.settle();
    await second.stop();
    expect(tally(await onLog(), sent)).toEqual(clean);
  });

  /** Both work at once, and the first to send is overtaken by the other. */
  async function publishByTwo(first: OpenRelay, second: OpenRelay): Promise<{ sent: Step[]; arrived: Step[] }> {
    const overtaken = createGate();
    let calls = 0;
    const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => {
      if (batch.length === 0) return;
      calls += 1;
      if (calls === 1) await overtaken.pass();
      await probe.broker.publish(batch);
      if (calls > 1) overtaken.open();
    };
    const keys = newKeys(1);
    const sent = await appendRounds(keys, 5);
    const overtakenOne = first(probe, { publish });
    const settled = overtakenOne.settle();
    // The first has read the oldest event before the second looks.
    await overtaken.reached;
    const relays = [overtakenOne, second(probe, { publish })];
    await Promise.all([settled, ...relays.map((relay) => relay.settle())]);
    sent.push(...(await appendRounds(keys, 5)));
    await Promise.all(relays.map((relay) => relay.settle()));
    await Promise.all(relays.map((relay) => relay.stop()));
    return { sent, arrived: await onLog() };
  }

  test('without the lock the order of first deliveries is still kept', async () => {
    const { sent, arrived } = await publishByTwo(realRelay, (own, broker) =>
      startRealRelay(own, broker, 'another lock'),
    );
    expect(tally(arrived, sent)).toMatchObject({ lost: 0, inverted: 0 });
    expect(tally(firstArrivals(arrived), sent)).toEqual(clean);
  });

  test('teeth: relays that share the rows by skipping locked ones invert a key', async () => {
    const { sent, arrived } = await publishByTwo(relaySkippingLocked, relaySkippingLocked);
    expect(tally(arrived, sent).inverted).toBeGreaterThan(0);
  });
});

describe('slow-transaction', () => {
  /** A write transaction elsewhere on the server is open during the test. */
  async function publishBesideForeignTransaction(open: OpenRelay): Promise<{ sent: Step[]; arrived: Step[] }> {
    const foreign = new Client({ connectionString: probe.harness.databaseUrl });
    await foreign.connect();
    try {
      await foreign.query('create table public.foreign_work (id int)');
      await foreign.query('begin');
      await foreign.query('insert into public.foreign_work values (1)');
      const relay = open(probe, probe.broker);
      const sent = await appendRounds(newKeys(4), 3);
      await relay.settle();
      const arrived = [...(await onLog())];
      await foreign.query('rollback');
      await relay.settle();
      await relay.stop();
      return { sent, arrived };
    } finally {
      await foreign.query('drop table public.foreign_work');
      await foreign.end();
    }
  }

  test('a foreign one neither hides nor delays committed events', async () => {
    const { sent, arrived } = await publishBesideForeignTransaction(realRelay);
    expect(tally(arrived, sent)).toEqual(clean);
  });

  test('teeth: a relay that waits for all older transactions publishes nothing meanwhile', async () => {
    const { sent, arrived } = await publishBesideForeignTransaction(relayBehindXmin);
    expect(tally(arrived, sent).lost).toBe(sent.length);
  });

  /** The lower seq commits after a higher one was published. */
  async function publishOutOfSequence(open: OpenRelay): Promise<{ sent: Step[]; arrived: Step[] }> {
    const [slow = '', fast = ''] = newKeys(2);
    const relay = open(probe, probe.broker);
    const gate = createGate();
    const slowStep = probe.db.asWorker(async (trx) => {
      const step = await probe.append(trx, slow);
      await gate.pass();
      return step;
    });
    await gate.reached;
    const sent = await appendRounds([fast], 3);
    await relay.settle();
    gate.open();
    sent.push(await slowStep);
    await relay.settle();
    await relay.stop();
    return { sent, arrived: await onLog() };
  }

  test('one of ours that commits late, with a lower seq, is not lost', async () => {
    const { sent, arrived } = await publishOutOfSequence(realRelay);
    expect(tally(arrived, sent)).toEqual(clean);
  });

  test('teeth: a relay that pages by seq loses it', async () => {
    const { sent, arrived } = await publishOutOfSequence(relayPagingBySeq);
    expect(tally(arrived, sent).lost).toBe(1);
  });

  test('two writers of one aggregate append in the order of its versions', async () => {
    const keys = newKeys(2);
    const relay = realRelay(probe, probe.broker);
    const sent = await Promise.all(Array.from({ length: 120 }, (_, n) => probe.appendNext(keys[n % 2] ?? '')));
    await relay.settle();
    await relay.stop();
    expect(tally(await onLog(), sent)).toEqual(clean);
  });
});

test('shutdown: events appended while the relay stops are published by the next one', async () => {
  const first = realRelay(probe, probe.broker);
  const keys = newKeys(4);
  const [sent] = await Promise.all([appendRounds(keys, 6), first.stop()]);
  const next = realRelay(probe, probe.broker);
  await next.settle();
  await next.stop();
  expect(tally(await onLog(), sent)).toEqual(clean);
});

const noSockets = existsSync('/proc/net/tcp') ? '' : ' (skipped: this system does not show the timers of its sockets)';
(noSockets === '' ? test : test.skip)(
  `the database checks within seconds whether the host of a silent relay is still there${noSockets}`,
  async () => {
    const relay = startRealRelay(probe, probe.broker, 'probe');
    try {
      const ports = await eventually(async () => {
        const { rows } = await probe.admin.query<{ client: number; server: number }>(
          `select client_port as client, current_setting('port')::int as server from pg_stat_activity
         where pid in (select pid from pg_locks where locktype = 'advisory') and datname = current_database()`,
        );
        expect(rows).toHaveLength(1);
        return rows[0] ?? { client: 0, server: 0 };
      });
      // Only the operating system shows the keep-alive that Postgres set on its side of a connection: a timer of kind
      // 2, in hundredths.
      await eventually(async () => {
        const { kind, dueInHundredths } = timerOf(ports.server, ports.client);
        expect(kind).toBe(2);
        expect(dueInHundredths).toBeLessThanOrEqual(500);
      });
    } finally {
      await relay.stop();
    }
  },
);

/** The timer of one side of a local connection, from /proc/net/tcp: kind and remaining time in hexadecimal. */
function timerOf(own: number, other: number): { readonly kind: number; readonly dueInHundredths: number } {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFileSync(file, 'utf8')).join('');
  const pattern = new RegExp(`:${hex(own)} [0-9A-F]+:${hex(other)} 01 [0-9A-F:]+ ([0-9A-F]{2}):([0-9A-F]{8}) `);
  const [, kind = '0', due = '0'] = pattern.exec(tables) ?? [];
  return { kind: parseInt(kind, 16), dueInHundredths: parseInt(due, 16) };
}

describe('large events', () => {
  test('are published in small batches, so that neither memory nor the broker has to hold many at once', async () => {
    const sizes: number[] = [];
    const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => {
      sizes.push(batch.reduce((sum, { value }) => sum + value.length, 0));
      await probe.broker.publish(batch);
    };
    const [key = newId()] = newKeys(1);
    const sent: Step[] = [];
    for (let n = 0; n < 12; n += 1) sent.push(await probe.appendNext(key));
    await probe.admin.query(`update probe.outbox_event
      set envelope = (envelope::jsonb || jsonb_build_object('padding', repeat('x', 200000)))::json`);
    const relay = realRelay(probe, { publish });
    await relay.settle();
    await relay.stop();
    expect(tally(await onLog(), sent)).toEqual(clean);
    expect(sizes.length).toBeGreaterThan(2);
    // Kafka refuses a request with more than 1 MB for a partition.
    expect(Math.max(...sizes)).toBeLessThan(1_000_000);
  });
});
