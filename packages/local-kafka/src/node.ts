import { tied } from '@crossdesk/local-machine';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LocalKafkaError } from './jars.ts';

export interface NodeSpec {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly outsidePort: number;
}

/** One broker process. Its data outlives it. */
export interface KafkaNode {
  readonly id: number;
  readonly address: string;
  /** The port that the proxy in front of it must forward to; null without a proxy. */
  readonly behindProxyPort: number | null;
  /** Starts it on its existing data and resolves when it accepts connections. */
  start(): Promise<void>;
  /** Ends it: SIGTERM hands leadership over first, SIGKILL does not. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Freezes it and lets it continue, like a long pause of the machine. */
  freeze(): void;
  thaw(): void;
}

interface Cluster {
  readonly directory: string;
  readonly jars: string;
  readonly clusterId: string;
  readonly nodes: readonly NodeSpec[];
}

const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule';
/** A broker that cannot start exits, and is not waited for; a busy machine needs longer than a minute. */
const startWithinMs = 180_000;
const javaOptions = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

/** A listener that announces to its clients the proxy they came through. */
interface Proxied {
  readonly proxyPort: number;
  readonly behindProxyPort: number;
}

export async function prepareNode(cluster: Cluster, spec: NodeSpec, proxied: Proxied | null): Promise<KafkaNode> {
  const directory = join(cluster.directory, `node-${spec.id}`);
  const config = join(directory, 'server.properties');
  const logFile = join(directory, 'broker.log');
  const classPath = join(cluster.jars, '*');
  await mkdir(directory, { recursive: true });
  await writeFile(config, properties(cluster, spec, proxied, directory));
  if (!existsSync(join(directory, 'data', 'meta.properties'))) {
    const format = ['kafka.tools.StorageTool', 'format', '-t', cluster.clusterId, '-c', config];
    await promisify(execFile)('java', [...javaOptions, '-cp', classPath, ...format]);
  }
  let broker: ChildProcess | null = null;

  async function start(): Promise<void> {
    if (await takesConnections(spec.port))
      throw new LocalKafkaError(`port ${spec.port} is in use: stop what uses it, or remove ${cluster.directory}`);
    const output = openSync(logFile, 'a');
    const [program, args] = tied('java', [...javaOptions, '-cp', classPath, 'kafka.Kafka', config]);
    // A separate process group: Ctrl-C goes only to the process that started the broker, which stops it when it is no
    // longer needed.
    const started = spawn(program, args, { stdio: ['pipe', output, output], detached: true });
    broker = started;
    closeSync(output);
    for (const endsAt = performance.now() + startWithinMs; !(await takesConnections(spec.port)); await pause(100)) {
      if (!hasEnded(started) && performance.now() < endsAt) continue;
      started.kill('SIGKILL');
      throw new LocalKafkaError(`Kafka did not start: ${lastLines(logFile)}`);
    }
  }

  return {
    id: spec.id,
    address: `127.0.0.1:${spec.port}`,
    behindProxyPort: proxied?.behindProxyPort ?? null,
    start,
    async end(how) {
      if (broker === null || hasEnded(broker)) return;
      const ended = once(broker, 'exit');
      broker.kill(how);
      await ended;
    },
    freeze: () => void broker?.kill('SIGSTOP'),
    thaw: () => void broker?.kill('SIGCONT'),
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/**
 * Broker and controller in one process. The differences from a production setup serve short tests: no pause before a
 * group's first assignment, short sessions allowed, few partitions for offsets.
 */
function properties(
  { nodes }: Cluster,
  { id, port, controllerPort, outsidePort }: NodeSpec,
  proxied: Proxied | null,
  directory: string,
): string {
  const replicas = Math.min(3, nodes.length);
  const voters = nodes.map((node) => `${node.id}@127.0.0.1:${node.controllerPort}`).join(',');
  const own = [`PLAINTEXT://127.0.0.1:${port}`, `INTEGRATORS://127.0.0.1:${outsidePort}`];
  const behind = proxied === null ? [] : [`PROXIED://127.0.0.1:${proxied.behindProxyPort}`];
  const proxy = proxied === null ? [] : [`PROXIED://127.0.0.1:${proxied.proxyPort}`];
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    listeners: [...own, ...behind, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': [...own, ...proxy].join(','),
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,INTEGRATORS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.name.integrators.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.integrators.scram-sha-512.sasl.jaas.config': `${scramModule} required;`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': false,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.num.partitions': 5,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' | ');
}
