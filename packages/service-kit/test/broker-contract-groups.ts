import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import type { RecordBatch } from '../src/broker/broker.port.ts';
import { createGate } from './support/gate.ts';
import { join, newKeys, type OpenBroker, partitionsOf, publish, stepsOf, topic } from './support/members.ts';
import { clean, type Step, tally } from './support/tally.ts';

type Log = Pick<OpenBroker, 'broker' | 'openAnother'>;

export function describeGroups(log: Log): void {
  test('a batch is delivered again until it is done', async () => {
    const { broker } = log;
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

  test('batches are consecutive records of each of their partitions, never more than requested', async () => {
    const { broker } = log;
    const keys = newKeys(10);
    const batches: RecordBatch[] = [];
    await publish(broker, stepsOf(keys, 1, 30));
    const member = await join(broker, newId(), keys, async (batch) => void batches.push(batch));
    await eventually(async () => expect(member.arrived).toHaveLength(300));
    await member.running.stop();
    expect(Math.max(...batches.map((batch) => batch.records.length))).toBe(50);
    for (const { records } of batches) {
      for (const own of Map.groupBy(records, ({ partition }) => partition).values()) {
        const [first] = own;
        expect(own.map((record) => record.position - (first?.position ?? 0n))).toEqual(
          own.map((_, index) => BigInt(index)),
        );
      }
    }
  });

  test('a group continues at the position it committed, and lag counts the records still to do', async () => {
    const { broker } = log;
    const keys = newKeys(4);
    const group = newId();
    const first = await join(broker, group, keys);
    await publish(broker, stepsOf(keys, 1, 10));
    // Its lag counts the records of other tests too.
    await eventually(async () => expect(await broker.lag(group, [topic])).toBe(0n));
    await first.running.stop();
    expect(first.arrived).toHaveLength(40);
    const ends = [...(await broker.bounds(topic))].filter(([, { next }]) => next > 0n);
    const { [topic]: committed = {} } = await broker.committed(group, [topic]);
    for (const [partition, { next }] of ends) expect([partition, committed[partition]]).toEqual([partition, next]);
    expect(await broker.committed(newId(), [topic])).toEqual({});
    await publish(broker, stepsOf(keys, 11, 15));
    expect(await broker.lag(group, [topic])).toBe(20n);
    const second = await join(broker, group, keys);
    await eventually(async () => expect(await broker.lag(group, [topic])).toBe(0n));
    await second.running.stop();
    expect(tally(second.arrived, stepsOf(keys, 11, 15))).toEqual(clean);
  });

  test('stop finishes the current batch and commits it', async () => {
    const { broker } = log;
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
}

export function describeMembers(log: Log): void {
  test('a member that joins and leaves gets its share; nothing is lost and the order of keys holds', async () => {
    const { broker } = log;
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
    const { broker } = log;
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

  test('the partitions of a member that died silently are taken over', async () => {
    const { broker } = log;
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
    await eventually(async () => expect(await broker.lag(group, [topic])).toBe(0n));
    await heir.running.stop();
  });
}

export function describeFailures(log: Log): void {
  test('a group whose batches fail does not block another, and reports that it is stuck', async () => {
    const { broker } = log;
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

  test('a partition whose batches fail does not block the others of its group', async () => {
    const { broker } = log;
    const keys = newKeys(24);
    const [bad = ''] = keys;
    let badPartition: number | null = null;
    const member = await join(broker, newId(), keys, async (batch) => {
      badPartition = batch.records.find((record) => record.key === bad)?.partition ?? badPartition;
      if (batch.records.some(({ partition }) => partition === badPartition))
        throw new Error('this partition is broken');
    });
    await publish(broker, [{ key: bad, step: 1 }]);
    await eventually(async () => expect(badPartition).not.toBeNull());
    await publish(broker, stepsOf(keys.slice(1), 1, 10));
    const others = new Set<string>();
    const tail = await broker.tail({ topics: [topic], from: {}, batchSizeMax: 500 }, async (batch) => {
      for (const { key, partition } of batch.records)
        if (partition !== badPartition && keys.includes(key)) others.add(key);
    });
    await eventually(async () => {
      expect(others.size).toBeGreaterThan(0);
      expect(tally(member.arrived, stepsOf([...others], 1, 10))).toEqual(clean);
    });
    await tail.stop();
    await member.running.stop();
    expect(member.arrived.some(({ key }) => key === bad)).toBe(false);
  });

  test('no partition starves while the others are never empty', async () => {
    const { broker } = log;
    const keys = newKeys(60);
    // About forty batches for each partition.
    await publish(broker, stepsOf(keys, 1, 200));
    const member = await join(broker, newId(), keys);
    await eventually(async () => expect(member.arrived).toHaveLength(60 * 200));
    const turns = [0, 1, 2, 3, 4, 5].map((partition) =>
      member.batches.findIndex((batch) => partitionsOf(batch).includes(partition)),
    );
    expect(Math.max(...turns)).toBeLessThan(30);
    await member.running.stop();
  });
}
