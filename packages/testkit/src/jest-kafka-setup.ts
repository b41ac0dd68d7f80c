import { startTestKafka } from './kafka.ts';
import startPostgres from './jest-global-setup.ts';
import stopBoth from './jest-kafka-teardown.ts';

/** Starts one Kafka and the Postgres for the whole run, or tells the test files why there is no Kafka. */
export default async function kafkaSetup(): Promise<void> {
  const [kafka, postgres] = await Promise.allSettled([startTestKafka(), startPostgres()]);
  if (kafka.status === 'fulfilled') Reflect.set(globalThis, '__crossdeskStopKafka', kafka.value.stop);
  if (kafka.status === 'rejected' || postgres.status === 'rejected') {
    // Jest does not call the teardown when a setup fails.
    await stopBoth();
    throw [kafka, postgres].flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))[0];
  }
  if (kafka.value.brokers === null) process.env['CROSSDESK_TEST_NO_KAFKA'] = kafka.value.reason;
  else process.env['CROSSDESK_TEST_KAFKA'] = kafka.value.brokers;
}
