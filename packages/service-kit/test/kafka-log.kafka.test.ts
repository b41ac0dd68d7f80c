import { describe, test } from '@jest/globals';
import { testKafka } from '@crossdesk/testkit';
import { describeBroker } from './broker-contract.ts';
import { openKafkaLog } from './support/kafka-log.ts';

const { brokers, reason } = testKafka();

if (reason === null) {
  describeBroker('Apache Kafka', async () => {
    const open = await openKafkaLog(brokers);
    const main = open();
    return { broker: main, openAnother: async () => open(), close: () => main.close() };
  });
} else {
  describe('broker contract: Apache Kafka', () => {
    test.skip(`runs on a real broker (skipped: ${reason})`, () => undefined);
  });
}
