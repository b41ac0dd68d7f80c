import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { kafkaVersion } from './jars.ts';
import { takesConnections } from './node.ts';
import { freePorts } from './ports.ts';

const run = promisify(execFile);
const pullWithinMs = 120_000;
const startWithinMs = 30_000;

export interface KafkaContainer {
  readonly brokers: string;
  stop(): Promise<void>;
}

/** Kafka in a container on a free port of this machine; null where no engine answers or it cannot get the image. */
export async function startKafkaContainer(): Promise<KafkaContainer | null> {
  const [port = 0] = await freePorts(1);
  const environment = Object.entries(settings(port)).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const publish = ['--publish', `127.0.0.1:${port}:${port}`];
  let id: string;
  try {
    await run('docker', ['version'], { timeout: 5_000 });
    const image = `apache/kafka:${kafkaVersion()}`;
    const { stdout } = await run('docker', ['run', '--detach', '--rm', ...publish, ...environment, image], {
      timeout: pullWithinMs,
    });
    id = stdout.trim();
  } catch {
    return null;
  }
  const stop = async (): Promise<void> => void (await run('docker', ['kill', id]).catch(() => undefined));
  for (const endsAt = performance.now() + startWithinMs; !(await takesConnections(port)); await pause(100)) {
    if (performance.now() < endsAt) continue;
    await stop();
    return null;
  }
  return { brokers: `127.0.0.1:${port}`, stop };
}

/** The image takes each setting as a variable; one of them turns all its own defaults off. */
function settings(port: number): Record<string, string> {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
  };
}
