import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const pom = join(import.meta.dirname, '../../../infra/kafka/pom.xml');

/** Thrown when no broker can be started here; the message is one line that says what is missing. */
export class LocalKafkaError extends Error {
  override name = 'LocalKafkaError';
}

/** What keeps this machine from running a broker; null when Java 17 and Maven are here. */
export function whyNoKafka(): string | null {
  const missing = ['java', 'mvn'].filter((program) => spawnSync(program, ['-version']).status !== 0);
  return missing.length === 0
    ? null
    : `${missing.join(' and ')} not found: install Java 17 and Maven, or set KAFKA_BROKERS`;
}

/** The pinned version of Kafka, from infra/kafka/pom.xml. */
export function kafkaVersion(): string {
  const version = /<kafka\.version>([^<]+)</.exec(readFileSync(pom, 'utf8'))?.[1];
  if (version === undefined) throw new LocalKafkaError('infra/kafka/pom.xml names no kafka.version');
  return version;
}

/**
 * The folder with Kafka's jars: fetched by Maven once for a version, then taken from the user's cache. Two processes may
 * fetch at once, each into a folder of its own; the first to finish gives it its name.
 */
export async function kafkaJars(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossdesk');
  const jars = join(cache, `kafka-${kafkaVersion()}`);
  if (existsSync(jars)) return jars;
  const why = whyNoKafka();
  if (why !== null) throw new LocalKafkaError(why);
  await mkdir(cache, { recursive: true });
  const fetched = await mkdtemp(join(cache, 'fetching-'));
  try {
    const goal = 'dependency:copy-dependencies';
    await promisify(execFile)('mvn', ['--batch-mode', '--quiet', '-f', pom, goal, `-DoutputDirectory=${fetched}`]);
    await rename(fetched, jars);
  } catch (cause) {
    if (!existsSync(jars)) throw new LocalKafkaError('Maven could not fetch Kafka', { cause });
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return jars;
}
