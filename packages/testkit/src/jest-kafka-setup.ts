import { startTestKafka } from './kafka.ts';
import startPostgres from './jest-global-setup.ts';

/** Starts one Kafka beside the Postgres for the whole run, or tells the test files why there is none. */
export default async function kafkaSetup(): Promise<void> {
  const [kafka] = await Promise.all([startTestKafka(), startPostgres()]);
  Reflect.set(globalThis, '__crossdeskStopKafka', kafka.stop);
  if (kafka.brokers === null) process.env['CROSSDESK_TEST_NO_KAFKA'] = kafka.reason;
  else process.env['CROSSDESK_TEST_KAFKA'] = kafka.brokers;
}
