import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { createLog, type KafkaOptions, openKafkaBroker, openTopicAdmin, type Running } from '@crossdesk/service-kit';
import { eventually, startOwnKafka, whyNoOwnKafka } from '@crossdesk/testkit';
import { readIntegratorConfig } from '../src/config.ts';
import { changeIntegrator } from '../src/integrator.ts';

const reason = whyNoOwnKafka();
const describeKafka = reason === null ? describe : describe.skip;
const log = createLog('test', 'silent');
const denied = /not authorized/i;

describeKafka(`the user of an integrator${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let kafka: Awaited<ReturnType<typeof startOwnKafka>>;
  let ours: ReturnType<typeof openKafkaBroker>;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    kafka = await startOwnKafka(1);
    const inside = { brokers: [kafka.brokers], prefix: '', ssl: false, sasl: null };
    const admin = await openTopicAdmin(inside, log);
    await admin.apply(await admin.plan());
    await admin.close();
    ours = openKafkaBroker({ ...inside, log });
  }, 120_000);
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await ours.close();
    await kafka.stop();
  });

  async function integrator(...args: string[]): Promise<string> {
    const lines: string[] = [];
    await changeIntegrator(readIntegratorConfig(args, { KAFKA_BROKERS: kafka.brokers }), (line) => lines.push(line));
    return lines.join('\n');
  }

  /** Creates a user and returns its login as the command printed it. */
  async function added(name: string, ...args: string[]): Promise<KafkaOptions & { prefix: string }> {
    const said = await integrator('add', name, ...args);
    const password = /^KAFKA_SASL_PASSWORD=(.+)$/m.exec(said)?.[1] ?? '';
    const sasl = { mechanism: 'scram-sha-512', username: name, password } as const;
    return { brokers: [kafka.outsideBrokers], prefix: '', ssl: false, sasl };
  }

  function open(options: KafkaOptions) {
    const broker = openKafkaBroker({ ...options, log });
    closing.push(() => broker.close());
    return broker;
  }

  async function follow(options: KafkaOptions, group: string, topic: 'crm.link' | 'ingest.account') {
    const keys: string[] = [];
    const running: Running = await open(options).subscribe(
      { group, topics: [topic], batchSizeMax: 10 },
      async (batch) => {
        keys.push(...batch.records.map(({ key }) => key));
      },
    );
    closing.push(() => running.stop());
    return { keys, problem: () => running.problem() };
  }

  async function publishOn(topic: 'crm.link' | 'ingest.account'): Promise<string> {
    const key = newId();
    await ours.publish([{ topic, key, value: '{}', headers: {} }]);
    return key;
  }

  test('can only read its topics in its groups', async () => {
    const user = await added('warehouse', '--topics', 'crm.link');
    const key = await publishOn('crm.link');
    const own = await follow(user, 'integrator.warehouse.main', 'crm.link');
    await eventually(async () => expect(own.keys).toContain(key));

    const broker = open(user);
    await expect(broker.publish([{ topic: 'crm.link', key, value: '{}', headers: {} }])).rejects.toThrow(denied);
    await expect(broker.bounds('ingest.account')).rejects.toThrow(denied);
    await eventually(async () => expect(await broker.lag('integrator.warehouse.main', ['crm.link'])).toBe(0n));
    await expect(broker.lag('crm.conversations', ['crm.link'])).rejects.toThrow('Failed to find group coordinator');
    await expect(integratorAs(user, 'add', 'accomplice')).rejects.toThrow('Cluster authorization failed');
    const admin = await openTopicAdmin(user, log);
    closing.push(() => admin.close());
    const topic = { name: 'mine', partitions: 1, config: {} };
    const creation = { kind: 'create', name: topic.name, topic, replicas: 1, risk: null } as const;
    await expect(admin.apply([creation])).rejects.toThrow(/authoriz|creation/i);
    await publishOn('ingest.account');
    for (const [group, name] of [
      ['integrator.warehouse.main2', 'ingest.account'],
      ['integrator.other.main', 'crm.link'],
      ['crm.conversations', 'crm.link'],
    ] as const) {
      const foreign = await follow(user, group, name);
      await eventually(async () => expect(foreign.problem()).toMatch(/crashed|cannot reach/));
      expect(foreign.keys).toEqual([]);
    }
    expect(own.problem()).toBeNull();
  }, 90_000);

  function integratorAs({ sasl, brokers }: KafkaOptions, ...args: string[]): Promise<void> {
    const environment = {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_SASL_MECHANISM: sasl?.mechanism,
      KAFKA_SASL_USERNAME: sasl?.username,
      KAFKA_SASL_PASSWORD: sasl?.password,
    };
    return changeIntegrator(readIntegratorConfig(args, environment), () => undefined);
  }

  test('outside clients need the right password', async () => {
    const user = await added('locksmith');
    await eventually(async () => expect((await open(user).bounds('crm.link')).size).toBe(6));
    const wrong = { mechanism: 'scram-sha-512', username: 'locksmith', password: 'guessed' } as const;
    await expect(open({ ...user, sasl: wrong }).bounds('crm.link')).rejects.toThrow(/authentication/i);
    await expect(open({ ...user, sasl: null }).bounds('crm.link')).rejects.toThrow(/closed|connect/i);
  });

  test('is created once; after its removal it cannot read, even over an open connection, and can be created again', async () => {
    const user = await added('courier', '--topics', 'crm.link,ingest.account');
    const broker = open(user);
    await eventually(async () => expect((await broker.bounds('ingest.account')).size).toBe(2));
    await expect(added('courier')).rejects.toThrow('courier already has rights: remove it first');
    expect(await integrator('remove', 'courier')).toBe('courier can no longer read');
    await eventually(async () => expect(broker.bounds('ingest.account')).rejects.toThrow(denied));
    await eventually(async () => expect(open(user).bounds('ingest.account')).rejects.toThrow(/authentication/i));
    const again = await added('courier', '--topics', 'ingest.account');
    await eventually(async () => expect((await open(again).bounds('ingest.account')).size).toBe(2));
    await expect(open(again).bounds('crm.link')).rejects.toThrow(denied);
  }, 60_000);
});

describe('the command line', () => {
  test.each([
    [[], 'integrator takes `add NAME`'],
    [['list'], 'integrator takes `add NAME`'],
    [['add', 'warehouse', 'eu'], 'integrator takes `add NAME`'],
    [['remove', 'warehouse', '--topics', 'crm.link'], 'integrator takes `add NAME`'],
    [['add', '--force', 'warehouse'], 'integrator takes `add NAME`'],
    [['add', '*'], 'lower-case letters, digits and dashes'],
    [['add', 'warehouse', '--topics', 'crm.link,crm.secrets'], 'there is no topic crm.secrets'],
  ])('%j is refused with the usage', (args, said) => {
    expect(() => readIntegratorConfig(args, { KAFKA_BROKERS: 'localhost:9092' })).toThrow(said);
  });
});
