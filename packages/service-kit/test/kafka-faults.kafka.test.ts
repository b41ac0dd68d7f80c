import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join as pathTo } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually, startOwnKafka, whyNoOwnKafka } from '@crossdesk/testkit';
import type { Broker } from '../src/broker/broker.port.ts';
import { createGate } from './support/gate.ts';
import { openKafkaLog } from './support/kafka-log.ts';
import { join, newKeys, partitionsOf, publish, stepsOf, stopMembers, topic } from './support/members.ts';
import { type Step, tally } from './support/tally.ts';

const reason = whyNoOwnKafka();
const describeFaults = reason === null ? describe : describe.skip;

type Kafka = Awaited<ReturnType<typeof startOwnKafka>>;

/** Repeats are left out, since consumers ignore them; lost and reordered records count. */
const unharmed = { lost: 0, inverted: 0 };

/** Sends a batch again until it succeeds, as a relay does. */
async function insist(broker: Broker, keys: readonly string[], step: number): Promise<void> {
  await eventually(() => publish(broker, stepsOf(keys, step, step)));
}

/** Runs a consumer as a process of its own and kills it as soon as it has taken a record. */
async function killOnceItTook(args: readonly string[]): Promise<void> {
  const script = pathTo(import.meta.dirname, 'support/kafka-member.ts');
  const child = spawn(process.execPath, ['--no-warnings', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await Promise.race([new Promise((resolve) => child.stdout?.once('data', resolve)), ended]);
  child.kill('SIGKILL');
  await ended;
}

describeFaults(`three brokers${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let kafka: Kafka;
  let open: () => Broker;
  let broker: Broker;

  beforeAll(async () => {
    kafka = await startOwnKafka(3);
    open = await openKafkaLog(kafka.brokers.split(','), { silentMsMax: 6_000 });
    broker = open();
  }, 120_000);
  afterEach(stopMembers);
  afterAll(async () => {
    await broker.close();
    await kafka.stop();
  }, 30_000);

  test('the loss of a broker with its leaders and coordinators loses no record and keeps the order', async () => {
    const keys = newKeys(12);
    // Several groups, so that one of them is likely to have its coordinator on the broker that dies.
    const members = await Promise.all([1, 2, 3].map(() => join(broker, newId(), keys)));
    for (let step = 1; step <= 3; step += 1) await insist(broker, keys, step);
    await kafka.nodes[0]?.end('SIGKILL');
    for (let step = 4; step <= 6; step += 1) await insist(broker, keys, step);
    for (const { arrived } of members) {
      await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, 6)).lost).toBe(0), 60_000);
    }
    await kafka.nodes[0]?.start();
    await insist(broker, keys, 7);
    for (const { arrived, running } of members) {
      await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, 7))).toMatchObject(unharmed), 60_000);
      await eventually(async () => expect(running.problem()).toBeNull());
    }
  }, 180_000);

  test('after a cluster was gone for longer than every retry, consumers and publishers start again', async () => {
    const keys = newKeys(6);
    const member = await join(broker, newId(), keys);
    await publish(broker, stepsOf(keys, 1, 5));
    await eventually(async () => expect(member.arrived).toHaveLength(30));
    await Promise.all(kafka.nodes.map((node) => node.end('SIGKILL')));
    await expect(publish(broker, stepsOf(keys, 6, 6))).rejects.toThrow(/connect|broker|retr/i);
    await eventually(async () => expect(member.running.problem()).not.toBeNull(), 60_000);
    await Promise.all(kafka.nodes.map((node) => node.start()));
    for (let step = 6; step <= 10; step += 1) await insist(broker, keys, step);
    await eventually(async () => expect(tally(member.arrived, stepsOf(keys, 1, 10))).toMatchObject(unharmed), 60_000);
    await eventually(async () => expect(member.running.problem()).toBeNull());
  }, 180_000);

  test('when brokers freeze, a silent consumer is replaced, reports it meanwhile, and continues when they thaw', async () => {
    const keys = newKeys(6);
    const member = await join(broker, newId(), keys);
    await publish(broker, stepsOf(keys, 1, 3));
    await eventually(async () => expect(member.arrived).toHaveLength(18));
    for (const node of kafka.nodes) node.freeze();
    await eventually(async () => expect(member.running.problem()).toBe('fell silent'), 60_000);
    for (const node of kafka.nodes) node.thaw();
    await insist(broker, keys, 4);
    await eventually(async () => expect(tally(member.arrived, stepsOf(keys, 1, 4))).toMatchObject(unharmed), 60_000);
    await eventually(async () => expect(member.running.problem()).toBeNull());
  }, 180_000);

  test('a killed process is replaced at once by one with its name, long before its session would end', async () => {
    const keys = newKeys(6);
    const [group, prefix] = [newId(), `${newId()}.`];
    const named = { memberName: 'desk-1', sessionTimeoutMs: 300_000 };
    const brokers = kafka.brokers.split(',');
    const own = (await openKafkaLog(brokers, named, prefix))();
    await insist(own, keys, 1);
    await killOnceItTook([kafka.brokers, prefix, group, named.memberName, String(named.sessionTimeoutMs)]);
    const follower = await join(own, group, keys);
    await insist(own, keys, 2);
    await eventually(async () => expect(tally(follower.arrived, stepsOf(keys, 2, 2)).lost).toBe(0), 60_000);
    await follower.running.stop();
    await own.close();
  }, 120_000);

  test('a named process that stops in order frees its partitions at once, for one with another name', async () => {
    const keys = newKeys(6);
    const [group, prefix] = [newId(), `${newId()}.`];
    const openNamed = async (memberName: string) =>
      (await openKafkaLog(kafka.brokers.split(','), { memberName, sessionTimeoutMs: 300_000 }, prefix))();
    const [old, replacement] = [await openNamed('pod-1'), await openNamed('pod-2')];
    const first = await join(old, group, keys);
    await insist(old, keys, 1);
    await eventually(async () => expect(tally(first.arrived, stepsOf(keys, 1, 1)).lost).toBe(0), 60_000);
    await first.running.stop();
    const second = await join(replacement, group, keys);
    await insist(replacement, keys, 2);
    await eventually(async () => expect(second.arrived).toEqual(expect.arrayContaining(stepsOf(keys, 2, 2))), 30_000);
    await second.running.stop();
    await Promise.all([old.close(), replacement.close()]);
  }, 120_000);

  test('two processes with one name share the work: the one that loses the name continues without it', async () => {
    const keys = newKeys(24);
    const group = newId();
    const openNamed = await openKafkaLog(kafka.brokers.split(','), { memberName: 'desk-1' });
    const brokers = [openNamed(), openNamed()] as const;
    const members = await Promise.all(brokers.map((one) => join(one, group, keys)));
    let step = 0;
    const publishNext = async () => {
      const seen = members.map(({ batches }) => batches.length);
      await insist(brokers[0], keys, (step += 1));
      const arrived = () => members.flatMap((member) => member.arrived);
      await eventually(async () => expect(tally(arrived(), stepsOf(keys, step, step)).lost).toBe(0), 30_000);
      return members.map(({ batches }, index) => new Set(batches.slice(seen[index]).flatMap(partitionsOf)));
    };
    const expectShared = ([one = new Set(), other = new Set()]: Set<number>[]) => {
      expect(Math.min(one.size, other.size)).toBeGreaterThan(0);
      expect([...one].filter((partition) => other.has(partition))).toEqual([]);
    };
    await eventually(async () => expectShared(await publishNext()), 60_000);
    const from = performance.now();
    // Longer than a member that has lost its name needs to notice it and to join again.
    while (performance.now() - from < 5_000) expectShared(await publishNext());
    for (const { running } of members) expect(running.problem()).toBeNull();
    for (const { running } of members) await running.stop();
    for (const one of brokers) await one.close();
  }, 180_000);

  test('a batch that ends during a rebalance is committed or delivered again; the member stays alive', async () => {
    const keys = newKeys(20);
    const group = newId();
    const arrived: Step[] = [];
    const gate = createGate();
    let interrupted = 0;
    await publish(broker, stepsOf(keys, 1, 5));
    const slow = await join(
      broker,
      group,
      keys,
      async (batch) => {
        if (interrupted > 0) return;
        await gate.pass();
        // Waits until the coordinator says that the group is rebalancing; then the batch ends anyway.
        await eventually(() => expect(batch.heartbeat()).rejects.toThrow(/rebalanc/i));
        interrupted += 1;
      },
      arrived,
    );
    await gate.reached;
    const other = open();
    const joining = await join(other, group, keys, async () => undefined, arrived);
    gate.open();
    await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, 5)).lost).toBe(0));
    await publish(broker, stepsOf(keys, 6, 10));
    await eventually(async () => expect(tally(arrived, stepsOf(keys, 1, 10))).toMatchObject(unharmed));
    await eventually(async () => expect(await broker.lag(group, [topic])).toBe(0n));
    expect(interrupted).toBeGreaterThan(0);
    expect([slow.running.problem(), joining.running.problem()]).toEqual([null, null]);
    expect(joining.batches.length).toBeGreaterThan(0);
    await joining.running.stop();
    await other.close();
  }, 60_000);
});
