import { openKafkaBroker } from '../../src/broker/kafka.ts';
import { createLog } from '../../src/runtime/log.ts';
import { topic } from './members.ts';

// A separate process that consumes until it is killed, and reports when it has received records.
process.on('disconnect', () => process.exit());
const [, , brokers = '', prefix = '', group = '', memberName = '', session = ''] = process.argv;
const log = createLog('test', 'silent');
const options = { brokers: brokers.split(','), prefix, ssl: false, sasl: null, memberName };
const broker = openKafkaBroker({ ...options, sessionTimeoutMs: Number(session), log });
await broker.subscribe({ group, topics: [topic], batchSizeMax: 50 }, async ({ records }) => {
  process.stdout.write(`took ${records.length}\n`);
});
