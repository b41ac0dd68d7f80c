import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import type { IncomingRecord } from '../src/broker/broker.port.ts';
import { describeFailures, describeGroups, describeMembers } from './broker-contract-groups.ts';
import {
  join,
  newKeys,
  type OpenBroker,
  publish,
  stepOf,
  stepsOf,
  stopMembers,
  text,
  topic,
} from './support/members.ts';
import { clean, firstArrivals, type Step, tally } from './support/tally.ts';

type Log = Pick<OpenBroker, 'broker' | 'openAnother'>;

/** The guarantees of every driver of the log; the same tests run on each of them. */
export function describeBroker(name: string, open: () => Promise<OpenBroker>, skipReason: string | null = null): void {
  const describeIt = skipReason === null ? describe : describe.skip;
  describeIt(`broker contract: ${name}${skipReason === null ? '' : ` (skipped: ${skipReason})`}`, () => {
    let opened: OpenBroker;
    const log: Log = {
      get broker() {
        return opened.broker;
      },
      openAnother: () => opened.openAnother(),
    };

    beforeAll(async () => {
      opened = await open();
    }, 60_000);

    afterEach(stopMembers);

    afterAll(() => opened.close());

    describePublishing(log);
    describeGroups(log);
    describeMembers(log);
    describeFailures(log);
    describeTails(log);
  });
}

function describePublishing(log: Log): void {
  test('a published record can be read when publish resolves', async () => {
    const { broker } = log;
    const [key = ''] = newKeys(1);
    const before = await broker.bounds(topic);
    await publish(broker, [{ key, step: 1 }]);
    const after = await broker.bounds(topic);
    const grown = [...after].filter(([partition, { next }]) => next > (before.get(partition)?.next ?? 0n));
    expect(grown).toHaveLength(1);
    expect(after.size).toBe(6);
  });

  test('the order of a key is kept under eight publishers at once, and positions grow', async () => {
    const { broker } = log;
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
    const { broker } = log;
    const keys = newKeys(3);
    const member = await join(broker, newId(), keys);
    await publish(broker, stepsOf(keys, 1, 200));
    await eventually(async () => expect(member.arrived).toHaveLength(600));
    await member.running.stop();
    expect(tally(member.arrived, stepsOf(keys, 1, 200))).toEqual(clean);
  });

  test('keys, headers and every kind of text arrive unchanged', async () => {
    const { broker } = log;
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
}

function describeTails(log: Log): void {
  test('a tail sees everything from its positions on, also new records, without a gap', async () => {
    const { broker } = log;
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

  test('two tails see the same, and a batch that a tail fails on is delivered again', async () => {
    const { broker } = log;
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
}
