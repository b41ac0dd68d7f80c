import { openKafkaBroker } from '../../src/broker/kafka.ts';
import { createLog } from '../../src/runtime/log.ts';
import { topic } from './members.ts';

// A process of its own that consumes until it is killed, and says so when it has taken something.
process.on('disconnect', () => process.exit());
const [, , brokers = '', prefix = '', group = '', memberName = '', session = ''] = process.argv;
const log = createLog('test', 'silent');
const options = { brokers: brokers.split(','), prefix, ssl: false, sasl: null, memberName };
const broker = openKafkaBroker({ ...options, sessionTimeoutMs: Number(session), log });
await broker.subscribe({ group, topics: [topic], batchSizeMax: 50 }, async ({ records }) => {
  process.stdout.write(`took ${records.length}\n`);
});
