import { type LocalKafka, LocalKafkaError, startLocalKafka, whyNoKafka } from '@crossdesk/local-kafka';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TestKafka =
  | { readonly brokers: string; stop(): Promise<void> }
  | { readonly brokers: null; readonly reason: string; stop(): Promise<void> };

const nothingToStop = async (): Promise<void> => undefined;

/**
 * A Kafka for tests: `KAFKA_BROKERS` if set, else a container if an engine answers, else a broker from jars that Maven
 * fetches. If none is available, the tests that need one are skipped with the reason; in CI with Java and Maven that is
 * an error.
 */
export async function startTestKafka(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'] ?? '';
  if (given !== '') return { brokers: given, stop: nothingToStop };
  // Imported here because test files do not need it.
  const { startKafkaContainer } = await import('./containers.ts');
  const inContainer = await startKafkaContainer();
  if (inContainer !== null) return inContainer;
  const reason = whyNoKafka();
  if (reason !== null) return { brokers: null, reason, stop: nothingToStop };
  try {
    return await startOwnKafka(1);
  } catch (error) {
    if (!(error instanceof LocalKafkaError) || process.env['CI'] !== undefined) throw error;
    return { brokers: null, reason: error.message, stop: nothingToStop };
  }
}

/** The reason why a test cannot have its own Kafka; null if it can. */
export const whyNoOwnKafka = whyNoKafka;

/** The result of the global setup, for test files. */
export function testKafka(): { readonly brokers: readonly string[]; readonly reason: string | null } {
  const brokers = (process.env['CROSSDESK_TEST_KAFKA'] ?? '').split(',').filter((address) => address !== '');
  const reason = process.env['CROSSDESK_TEST_NO_KAFKA'] ?? 'run the tests through `pnpm test` or `pnpm jest`';
  return { brokers, reason: brokers.length === 0 ? reason : null };
}

/** A Kafka that a test may break. @throws LocalKafkaError if Java or Maven are missing */
export async function startOwnKafka(nodes: 1 | 3): Promise<LocalKafka> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-kafka-'));
  const kafka = await startLocalKafka({ directory, nodes });
  return {
    ...kafka,
    stop: async () => {
      await kafka.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
