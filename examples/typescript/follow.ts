// Prints one line for each event of a topic; README.md says how to run it.
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import kafkajs from 'kafkajs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const { env } = process;
const topic = env['TOPIC'] ?? 'conversation.conversation';
const schemas = env['SCHEMAS'] ?? join(import.meta.dirname, '../../packages/contracts/schemas');
const rememberedMax = 100_000;

interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly version: number;
}

const ajv = new Ajv({ strict: false });
formats.default(ajv);
// All schemas are added before the first use, because they refer to the schema of the envelope.
for (const file of readdirSync(schemas).filter((name) => name.endsWith('.json')))
  ajv.addSchema(JSON.parse(readFileSync(join(schemas, file), 'utf8')), file.slice(0, -'.json'.length));

const counts = { events: 0, repeats: 0, unknown: 0, bad: 0 };
const seen = new Set<string>();

/** Delivery is at least once. Real code stores the id in the transaction of its effect: memory is lost at a restart. */
function isRepeat(id: string): boolean {
  if (seen.has(id)) return true;
  seen.add(id);
  const [oldest] = seen;
  if (seen.size > rememberedMax && oldest !== undefined) seen.delete(oldest);
  return false;
}

/** An unreadable record must not block later records. Its content is not logged, because it may be personal. */
function skip(place: string, why: string): void {
  counts.bad += 1;
  console.error(`bad ${place} ${why}`);
}

function handle(place: string, key: string, value: Buffer | null): void {
  let event: unknown;
  try {
    event = JSON.parse(String(value));
  } catch {
    return skip(place, 'is not JSON');
  }
  if (typeof event !== 'object' || event === null || !('type' in event) || !('version' in event))
    return skip(place, 'is not an event');
  const name = `${String(event.type)}.v${String(event.version)}`;
  if (ajv.getSchema(name) === undefined) {
    // A type or version that is newer than this program: additions must not break it.
    counts.unknown += 1;
    return;
  }
  if (!ajv.validate<Envelope>(name, event)) {
    const error = ajv.errors?.[0];
    return skip(place, `breaks its schema: ${error?.keyword} at ${error?.instancePath || '/'}`);
  }
  if (isRepeat(event.id)) {
    counts.repeats += 1;
    console.log(`repeat ${place} ${event.id}`);
    return;
  }
  counts.events += 1;
  console.log(`event ${place} ${key} ${name} ${event.id}`);
}

const username = env['KAFKA_SASL_USERNAME'];
const consumer = new kafkajs.Kafka({
  brokers: (env['KAFKA_BROKERS'] ?? '127.0.0.1:9094').split(','),
  ssl: env['KAFKA_SSL'] === 'true',
  ...(username && { sasl: { mechanism: 'scram-sha-512', username, password: env['KAFKA_SASL_PASSWORD'] ?? '' } }),
  logLevel: kafkajs.logLevel.WARN,
}).consumer({ groupId: env['GROUP'] ?? 'example', sessionTimeout: 6_000, allowAutoTopicCreation: false });

// An error from which the client cannot recover ends the program; a supervisor restarts it.
consumer.on(consumer.events.CRASH, ({ payload }) => void (payload.restart || process.exit(1)));

async function stop(): Promise<void> {
  await consumer.disconnect();
  console.log(`stopped ${JSON.stringify(counts)}`);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop());

await consumer.connect();
// The first start reads all kept records; later starts continue after the last commit of the group.
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  // Commits records that were handled, not records that were only fetched.
  autoCommitInterval: 1_000,
  eachMessage: async ({ partition, message: { offset, key, value } }) =>
    handle(`${partition}/${offset}`, String(key), value),
});
