import { KafkaContainer } from '@testcontainers/kafka';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { Wait } from 'testcontainers';
import { kafkaImage, postgresImage } from './images.ts';

const kafkaPort = 9093;

/** Postgres in a container; null if no engine answers or it cannot start one. */
export function startPostgresContainer(
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly adminUrl: string; stop(): Promise<void> } | null> {
  return nullUnlessStarted('Postgres', async () => {
    const container = await new PostgreSqlContainer(postgresImage)
      .withDatabase('postgres')
      .withUsername('postgres')
      .withPassword(crypto.randomUUID())
      .withEnvironment({
        POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C',
      })
      // Postgres is the first process of its container. It takes the remains of a shell there for its own crashed child
      // and then ends all connections. The checks of the library use shells; this one does not.
      .withHealthCheck({
        test: ['CMD', 'pg_isready', '--quiet', '--host=127.0.0.1', '--username=postgres', '--dbname=postgres'],
        interval: 500,
        timeout: 5_000,
        retries: 240,
      })
      .withWaitStrategy(Wait.forHealthCheck())
      .withCommand(['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
      .start();
    return { adminUrl: container.getConnectionUri(), stop: async () => void (await container.stop()) };
  });
}

/** Kafka in a container; null if no engine answers or it cannot start one. */
export function startKafkaContainer(): Promise<{ readonly brokers: string; stop(): Promise<void> } | null> {
  return nullUnlessStarted('Kafka', async () => {
    const container = await new KafkaContainer(kafkaImage)
      // Without it the library waits only for its own script, long before the broker listens.
      .withWaitStrategy(Wait.forListeningPorts())
      .withEnvironment({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false', KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000' })
      .start();
    const brokers = `${container.getHost()}:${container.getMappedPort(kafkaPort)}`;
    return { brokers, stop: async () => void (await container.stop()) };
  });
}

/** A missing engine is usual and is not reported; a failing engine is. */
async function nullUnlessStarted<Started>(what: string, start: () => Promise<Started>): Promise<Started | null> {
  try {
    return await start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!reason.includes('Could not find a working container runtime strategy'))
      process.stderr.write(`${what} does not start in a container, so a local one is used: ${reason}\n`);
    return null;
  }
}
