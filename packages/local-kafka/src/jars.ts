import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, whyNoCachedFolder } from './cached-folder.ts';

const pom = join(import.meta.dirname, '../../../infra/kafka/pom.xml');

/** Thrown when no broker can be started on this machine; the message is one line that says what is missing. */
export class LocalKafkaError extends Error {
  override name = 'LocalKafkaError';
}

/**
 * The reason why this machine cannot run a broker; null when Java 17, Maven and a writable cache for the jars exist.
 */
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

/** The folder with Kafka's jars: Maven fetches them once for each version into the user's cache. */
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
