import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import type { Broker, IncomingRecord, RecordBatch, Running } from '../src/broker/broker.port.ts';
import { createGate } from './support/gate.ts';
import { clean, firstArrivals, type Step, tally } from './support/tally.ts';

export interface OpenBroker {
  readonly broker: Broker;
  /** One more client of the same log, as another process would have it. */
  openAnother(): Promise<Broker>;
  close(): Promise<void>;
}

const topic = 'ingest.inbound';
const text = new TextDecoder();

/** The topic is shared by all tests: each looks at the records of its own keys only. */
function stepOf(record: IncomingRecord): Step {
  return { key: record.key, step: Number(text.decode(record.value)) };
}

function stepsOf(keys: readonly string[], from: number, to: number): Step[] {
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return steps.flatMap((step) => keys.map((key) => ({ key, step })));
}

async function publish(broker: Broker, steps: readonly Step[]): Promise<void> {
  await broker.publish(steps.map(({ key, step }) => ({ topic, key, value: String(step), headers: {} })));
}

interface Member {
  readonly arrived: Step[];
  readonly running: Running;
}

/** A member that takes down the steps of the keys once it is through with a batch. */
async function join(
  broker: Broker,
  group: string,
  keys: readonly string[],
  before: (batch: RecordBatch) => Promise<void> = async () => undefined,
  arrived: Step[] = [],
): Promise<Member> {
  const running = await broker.subscribe({ group, topics: [topic], batchSizeMax: 50 }, async (batch) => {
    await before(batch);
    arrived.push(...batch.records.map(stepOf).filter(({ key }) => keys.includes(key)));
  });
  return { arrived, running };
}

function newKeys(count: number): string[] {
  return Array.from({ length: count }, () => newId());
}

/** What every driver of the log has to keep; the same file runs on each of them. */
export function describeBroker(name: string, open: () => Promise<OpenBroker>): void {
  describe(`broker contract: ${name}`, () => {
    let log: OpenBroker;
    let broker: Broker;

    beforeAll(async () => {
      log = await open();
      broker = log.broker;
    }, 60_000);

    afterAll(() => log.close());

    test('a published record is there when publish resolves', async () => {
      const [key = ''] = newKeys(1);
      const before = await broker.bounds(topic);
      await publish(broker, [{ key, step: 1 }]);
      const after = await broker.bounds(topic);
      const grown = [...after].filter(([partition, { next }]) => next > (before.get(partition)?.next ?? 0n));
      expect(grown).toHaveLength(1);
      expect(after.size).toBe(6);
    });

    test('the order of a key holds under eight publishers at once, and positions grow', async () => {
      const keys = newKeys(16);
      const positions: IncomingRecord[] = [];
      const member = await join(broker, newId(), keys, async (batch) => {
        positions.push(...batch.records);
      });
      await Promise.all(
        Array.from({ length: 8 }, async (_, publisher) => {
          const own = keys.filter((_key, index) => index % 8 === publisher);
          for (let step = 1; step <= 25; step += 1) await publish(broker, stepsOf(own, step, step));
        }),
      );
      await eventually(async () => expect(member.arrived).toHaveLength(16 * 25));
      await member.running.stop();
      expect(tally(member.arrived, stepsOf(keys, 1, 25))).toEqual(clean);
      for (const partition of [0, 1, 2, 3, 4, 5]) {
        const of = positions.filter((record) => record.partition === partition).map((record) => record.position);
        expect(of).toEqual([...of].sort((a, b) => Number(a - b)));
        expect(new Set(of).size).toBe(of.length);
      }
    });

    test('order within one published batch is kept', async () => {
      const keys = newKeys(3);
      const member = await join(broker, newId(), keys);
      await publish(broker, stepsOf(keys, 1, 200));
      await eventually(async () => expect(member.arrived).toHaveLength(600));
      await member.running.stop();
      expect(tally(member.arrived, stepsOf(keys, 1, 200))).toEqual(clean);
    });

    test('a batch comes again until it is done', async () => {
      const keys = newKeys(4);
      let refusals = 3;
      const member = await join(broker, newId(), keys, async (batch) => {
        if (!batch.records.some((record) => keys.includes(record.key)) || refusals === 0) return;
        refusals -= 1;
        throw new Error('not this time');
      });
      await publish(broker, stepsOf(keys, 1, 5));
      await eventually(async () => expect(member.arrived).toHaveLength(20));
      await member.running.stop();
      expect(refusals).toBe(0);
      expect(tally(member.arrived, stepsOf(keys, 1, 5))).toEqual(clean);
    });

    test('batches are consecutive records of one partition, never more than asked for', async () => {
      const keys = newKeys(10);
      const batches: RecordBatch[] = [];
      await publish(broker, stepsOf(keys, 1, 30));
      const member = await join(broker, newId(), keys, async (batch) => void batches.push(batch));
      await eventually(async () => expect(member.arrived).toHaveLength(300));
      await member.running.stop();
      expect(Math.max(...batches.map((batch) => batch.records.length))).toBe(50);
      for (const { partition, records } of batches) {
        expect(new Set(records.map((record) => record.partition))).toEqual(new Set([partition]));
        const [first] = records;
        expect(records.map((record) => record.position - (first?.position ?? 0n))).toEqual(
          records.map((_, index) => BigInt(index)),
        );
      }
    });

    test('a group goes on where it stopped, and lag tells how far it has to go', async () => {
      const keys = newKeys(4);
      const group = newId();
      const first = await join(broker, group, keys);
      await publish(broker, stepsOf(keys, 1, 10));
      await eventually(async () => expect(first.arrived).toHaveLength(40));
      await first.running.stop();
      expect(await broker.lag(group, [topic])).toBe(0n);
      await publish(broker, stepsOf(keys, 11, 15));
      expect(await broker.lag(group, [topic])).toBe(20n);
      const second = await join(broker, group, keys);
      await eventually(async () => expect(second.arrived).toHaveLength(20));
      await second.running.stop();
      expect(tally(second.arrived, stepsOf(keys, 11, 15))).toEqual(clean);
      expect(await broker.lag(group, [topic])).toBe(0n);
    });

    test('stop finishes the batch in hand and commits it', async () => {
      const keys = newKeys(1);
      const group = newId();
      const gate = createGate();
      const first = await join(broker, group, keys, (batch) =>
        batch.records.some((record) => keys.includes(record.key)) ? gate.pass() : Promise.resolve(),
      );
      await publish(broker, stepsOf(keys, 1, 5));
      await gate.reached;
      const stopped = first.running.stop();
      gate.open();
      await stopped;
      expect(tally(first.arrived, stepsOf(keys, 1, first.arrived.length))).toEqual(clean);
      expect(first.arrived.length).toBeGreaterThan(0);
      const second = await join(broker, group, keys);
      await eventually(async () => expect(first.arrived.length + second.arrived.length).toBe(5));
      await second.running.stop();
      expect(tally([...first.arrived, ...second.arrived], stepsOf(keys, 1, 5))).toEqual(clean);
    });

    test('a member that joins and leaves gets its share; nothing is lost and the order of keys holds', async () => {
      const keys = newKeys(30);
      const group = newId();
      const arrived: Step[] = [];
      const shares = { first: 0, second: 0 };
      const first = await join(
        broker,
        group,
        keys,
        async (batch) => void (shares.first += batch.records.length),
        arrived,
      );
      const other = await log.openAnother();
      const second = await join(
        other,
        group,
        keys,
        async (batch) => void (shares.second += batch.records.length),
        arrived,
      );
      let round = 0;
      const publishRound = async (): Promise<void> => {
        round += 1;
        await publish(broker, stepsOf(keys, round, round));
      };
      await eventually(async () => {
        await publishRound();
        expect(Math.min(shares.first, shares.second)).toBeGreaterThan(30);
      });
      await second.running.stop();
      await other.close();
      await publishRound();
      await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, round)).lost).toBe(0));
      await first.running.stop();
      expect(tally(arrived, stepsOf(keys, 1, round))).toEqual(clean);
    });

    test('a member that joins while the other is never idle gets its share', async () => {
      const keys = newKeys(40);
      const group = newId();
      const arrived: Step[] = [];
      let ofSecond = 0;
      // Each batch takes some round trips, and there is always another one waiting.
      const work = async (): Promise<void> => {
        for (let trip = 0; trip < 20; trip += 1) await broker.bounds(topic);
      };
      await publish(broker, stepsOf(keys, 1, 50));
      const first = await join(broker, group, keys, work, arrived);
      const other = await log.openAnother();
      const second = await join(
        other,
        group,
        keys,
        async (batch) => {
          await work();
          ofSecond += batch.records.length;
        },
        arrived,
      );
      let round = 50;
      await eventually(async () => {
        round += 1;
        await publish(broker, stepsOf(keys, round, round));
        expect(ofSecond).toBeGreaterThan(0);
      });
      await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, round)).lost).toBe(0));
      await first.running.stop();
      await second.running.stop();
      await other.close();
      expect(tally(arrived, stepsOf(keys, 1, round)).inverted).toBe(0);
    });

    test('what a member that died in silence held is taken over', async () => {
      const keys = newKeys(12);
      const group = newId();
      const doomed = await log.openAnother();
      const gate = createGate();
      const dead = await join(doomed, group, keys, () => gate.pass());
      await publish(broker, stepsOf(keys, 1, 10));
      await gate.reached;
      await doomed.close();
      const heir = await join(broker, group, keys);
      await publish(broker, stepsOf(keys, 11, 20));
      await eventually(async () => expect(heir.arrived).toHaveLength(240));
      gate.open();
      await dead.running.stop().catch(() => undefined);
      expect(tally(heir.arrived, stepsOf(keys, 1, 20))).toEqual(clean);
      expect(await broker.lag(group, [topic])).toBe(0n);
      await heir.running.stop();
    });

    test('a group whose batches fail does not hold up another, and says that it is stuck', async () => {
      const keys = newKeys(6);
      const failing = await join(broker, newId(), keys, async () => {
        throw new Error('this group is broken');
      });
      const healthy = await join(broker, newId(), keys);
      await publish(broker, stepsOf(keys, 1, 20));
      await eventually(async () => expect(healthy.arrived).toHaveLength(120));
      await eventually(async () => expect(failing.running.problem()).not.toBeNull());
      expect(healthy.running.problem()).toBeNull();
      await Promise.all([failing.running.stop(), healthy.running.stop()]);
      expect(failing.arrived).toEqual([]);
    });

    test('a partition whose batches fail does not hold up the others of its group', async () => {
      const keys = newKeys(24);
      const [bad = ''] = keys;
      let badPartition: number | null = null;
      const member = await join(broker, newId(), keys, async (batch) => {
        if (batch.records.some((record) => record.key === bad)) badPartition = batch.partition;
        if (batch.partition === badPartition) throw new Error('this partition is broken');
      });
      await publish(broker, [{ key: bad, step: 1 }]);
      await eventually(async () => expect(badPartition).not.toBeNull());
      await publish(broker, stepsOf(keys.slice(1), 1, 10));
      const others = new Set<string>();
      const tail = await broker.tail({ topics: [topic], from: {}, batchSizeMax: 500 }, async (batch) => {
        for (const { key } of batch.records)
          if (batch.partition !== badPartition && keys.includes(key)) others.add(key);
      });
      await eventually(async () => {
        expect(others.size).toBeGreaterThan(0);
        expect(tally(member.arrived, stepsOf([...others], 1, 10))).toEqual(clean);
      });
      await tail.stop();
      await member.running.stop();
      expect(member.arrived.some(({ key }) => key === bad)).toBe(false);
    });

    test('a tail sees everything from its positions on, also what is appended meanwhile, without a gap', async () => {
      const keys = newKeys(8);
      await publish(broker, stepsOf(keys, 1, 5));
      const bounds = await broker.bounds(topic);
      const from = { [topic]: Object.fromEntries([...bounds].map(([partition, { next }]) => [partition, next])) };
      const appending = Promise.all(
        keys.map(async (key) => {
          for (let step = 6; step <= 40; step += 1) await publish(broker, [{ key, step }]);
        }),
      );
      const records: IncomingRecord[] = [];
      const tail = await broker.tail(
        { topics: [topic], from, batchSizeMax: 7 },
        async (batch) => void records.push(...batch.records),
      );
      await appending;
      await eventually(async () => expect(records).toHaveLength(8 * 35));
      await tail.stop();
      expect(tally(records.map(stepOf), stepsOf(keys, 6, 40))).toEqual(clean);
      for (const [partition, { next }] of bounds) {
        const of = records.filter((record) => record.partition === partition);
        if (of.length > 0) expect(of[0]?.position).toBeGreaterThanOrEqual(next);
      }
    });

    test('two tails see the same, and a batch a tail fails on comes again', async () => {
      const keys = newKeys(3);
      const seen: [Step[], Step[]] = [[], []];
      let failures = 2;
      const tails = await Promise.all(
        seen.map((arrived, index) =>
          broker.tail({ topics: [topic], from: {}, batchSizeMax: 100 }, async (batch) => {
            const own = batch.records.map(stepOf).filter(({ key }) => keys.includes(key));
            if (index === 1 && own.length > 0 && failures > 0) {
              failures -= 1;
              throw new Error('not this time');
            }
            arrived.push(...own);
          }),
        ),
      );
      await publish(broker, stepsOf(keys, 1, 10));
      for (const arrived of seen) {
        await eventually(async () => expect(firstArrivals(arrived)).toHaveLength(30));
        expect(tally(arrived, stepsOf(keys, 1, 10))).toEqual(clean);
      }
      expect(failures).toBe(0);
      await Promise.all(tails.map((tail) => tail.stop()));
    });

    test('keys, headers and every kind of text come out as they went in', async () => {
      const [key = ''] = newKeys(1);
      const value = '{"text":"ไทย 🙂 한국어 \\u0000 \\\\ \' \\" الحمد"}';
      const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', odd: 'é;"' };
      const found = Promise.withResolvers<IncomingRecord>();
      const tail = await broker.tail({ topics: [topic], from: {}, batchSizeMax: 500 }, async (batch) => {
        for (const record of batch.records) if (record.key === key) found.resolve(record);
      });
      await broker.publish([{ topic, key, value, headers }]);
      const record = await found.promise;
      await tail.stop();
      expect({ topic: record.topic, value: text.decode(record.value), headers: record.headers }).toEqual({
        topic,
        value,
        headers,
      });
    });
  });
}
