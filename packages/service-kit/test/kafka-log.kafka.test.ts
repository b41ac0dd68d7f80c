import { afterAll, describe, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { openKafkaBroker, openTopicAdmin } from '../src/index.ts';
import { createLog } from '../src/runtime/log.ts';
import { testKafka } from '@crossdesk/testkit';
import { describeBroker } from './broker-contract.ts';

const { brokers, reason } = testKafka();
const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');

if (reason !== null) {
  describe('broker contract: Apache Kafka', () => {
    test.skip(`runs on a real broker (skipped: ${reason})`, () => undefined);
  });
} else {
  describeBroker('Apache Kafka', async () => {
    const options = { brokers, prefix: `${newId()}.`, ssl: false, sasl: null };
    const admin = await openTopicAdmin(options, log);
    await admin.apply(await admin.plan());
    await admin.close();
    const open = () => openKafkaBroker({ ...options, log, sessionTimeoutMs: 3_000 });
    const main = open();
    return { broker: main, openAnother: async () => open(), close: () => main.close() };
  });
}

afterAll(() => undefined);
