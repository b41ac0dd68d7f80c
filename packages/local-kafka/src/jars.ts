import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, whyNoCachedFolder } from './cached-folder.ts';

const pom = join(import.meta.dirname, '../../../infra/kafka/pom.xml');

/** Thrown when no broker can be started here; the message is one line that says what is missing. */
export class LocalKafkaError extends Error {
  override name = 'LocalKafkaError';
}

/** What keeps this machine from running a broker; null when Java 17 and Maven are here, and a place for what they fetch. */
export function whyNoKafka(): string | null {
  const missing = ['java', 'mvn'].filter((program) => spawnSync(program, ['-version']).status !== 0);
  return missing.length === 0
    ? whyNoCachedFolder(jarsName())
    : `${missing.join(' and ')} not found: install Java 17 and Maven, or set KAFKA_BROKERS`;
}

function jarsName(): string {
  return `kafka-${kafkaVersion()}`;
}

/** The pinned version of Kafka, from infra/kafka/pom.xml. */
function kafkaVersion(): string {
  const version = /<kafka\.version>([^<]+)</.exec(readFileSync(pom, 'utf8'))?.[1];
  if (version === undefined) throw new LocalKafkaError('infra/kafka/pom.xml names no kafka.version');
  return version;
}

/** The folder with Kafka's jars: fetched by Maven once for a version, then taken from the user's cache. */
export function kafkaJars(): Promise<string> {
  return cachedFolder(jarsName(), async (folder) => {
    const why = whyNoKafka();
    if (why !== null) throw new LocalKafkaError(why);
    const goal = 'dependency:copy-dependencies';
    try {
      await promisify(execFile)('mvn', ['--batch-mode', '--quiet', '-f', pom, goal, `-DoutputDirectory=${folder}`]);
    } catch (cause) {
      throw new LocalKafkaError('Maven could not fetch Kafka', { cause });
    }
  });
}
