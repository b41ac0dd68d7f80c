import { testKafka } from '@crossdesk/testkit';
import { describeBroker } from './broker-contract.ts';
import { openKafkaLog } from './support/kafka-log.ts';

const { brokers, reason } = testKafka();

describeBroker(
  'Apache Kafka',
  async () => {
    const open = await openKafkaLog(brokers);
    const main = open();
    return { broker: main, openAnother: async () => open(), close: () => main.close() };
  },
  reason,
);
