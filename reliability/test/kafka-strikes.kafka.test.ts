import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, topics } from '@crossdesk/contracts';
import { type Broker, createLog, openKafkaBroker, openTopicAdmin } from '@crossdesk/service-kit';
import { whyNoKafka } from '@crossdesk/local-kafka';
import { isProduced } from '../src/nemesis/kafka.strikes.ts';
import { type KafkaServer, startKafkaServer } from '../src/system/kafka-server.ts';

const reason = whyNoKafka();
const describeStrikes = reason === null ? describe : describe.skip;
const topic = 'crm.link';
const log = createLog('strikes', 'silent');

describeStrikes(`a Kafka behind a proxy${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let kafka: KafkaServer;
  let inside: Broker;
  let outside: Broker;

  beforeAll(async () => {
    kafka = await startKafkaServer();
    const admin = await openTopicAdmin(kafka.directOptionsOf(''), log);
    await admin.apply(await admin.plan());
    await admin.close();
    inside = openKafkaBroker({ ...kafka.optionsOf(''), log });
    outside = openKafkaBroker({ ...kafka.directOptionsOf(''), log });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([inside.close(), outside.close()]);
    await kafka.stop();
  }, 30_000);

  const recordsOnLog = async (): Promise<number> => {
    const bounds = [...(await outside.bounds(topic)).values()];
    return bounds.reduce((sum, { earliest, next }) => sum + Number(next - earliest), 0);
  };
  const publish = (broker: Broker) => broker.publish([{ topic, key: newId(), value: '{}', headers: {} }]);

  test('a record whose answer is dropped is on the log, and is published again', async () => {
    const before = await recordsOnLog();
    const struck = kafka.proxy.dropNextAnswer(isProduced);
    await publish(inside);
    await struck;
    expect(await recordsOnLog()).toBe(before + 2);
  });

  test('services connect through the proxy only, and the harness without it', async () => {
    kafka.proxy.refuse(true);
    await expect(publish(inside)).rejects.toThrow('Connection error');
    await publish(outside);
    expect((await outside.bounds(topic)).size).toBe(topics[topic].partitions);
    kafka.proxy.refuse(false);
    await publish(inside);
  });
});
