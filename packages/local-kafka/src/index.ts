import { freePorts } from '@crossdesk/local-machine';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaJars } from './jars.ts';
import { type KafkaNode, type NodeSpec, prepareNode } from './node.ts';

export { cachedFolder } from './cached-folder.ts';
export { LocalKafkaError, whyNoKafka } from './jars.ts';
export type { KafkaNode } from './node.ts';

export interface LocalKafkaOptions {
  /** Folder for data and logs; an existing cluster is started again on its ports. */
  readonly directory: string;
  /** Number of brokers, each a separate process; three survive the loss of one. */
  readonly nodes: 1 | 3;
  /**
   * Ports of the caller's own proxies, one for each node. Clients that connect through a proxy get only its address; it
   * must forward to `behindProxyPort` of its node.
   */
  readonly proxyPorts?: readonly number[];
}

export interface LocalKafka {
  /** Addresses for KAFKA_BROKERS, separated by commas: clients on these addresses have all rights. */
  readonly brokers: string;
  /** Addresses for integrators, who need a user (SCRAM-SHA-512) and have only the rights of their ACLs. */
  readonly outsideBrokers: string;
  readonly nodes: readonly KafkaNode[];
  stop(): Promise<void>;
}

interface Layout {
  readonly clusterId: string;
  readonly nodes: readonly NodeSpec[];
}

/**
 * Starts Apache Kafka (KRaft, no encryption, loopback only) from jars that Maven fetches once.
 * @throws LocalKafkaError when Java or Maven are missing or the broker does not start
 */
export async function startLocalKafka(options: LocalKafkaOptions): Promise<LocalKafka> {
  const { directory, nodes: count, proxyPorts = [] } = options;
  const jars = await kafkaJars();
  const layout = await layoutIn(directory, count);
  // Only the proxies know these, so they need not be kept.
  const behindPorts = await freePorts(proxyPorts.length);
  const nodes = await Promise.all(
    layout.nodes.map((spec, index) => {
      const [proxyPort, behindProxyPort] = [proxyPorts[index], behindPorts[index]];
      const proxied = proxyPort === undefined || behindProxyPort === undefined ? null : { proxyPort, behindProxyPort };
      return prepareNode({ directory, jars, ...layout }, spec, proxied);
    }),
  );
  const stop = async (): Promise<void> => {
    for (const node of nodes) node.thaw();
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: nodes.map(({ address }) => address).join(','),
    outsideBrokers: layout.nodes.map(({ outsidePort }) => `127.0.0.1:${outsidePort}`).join(','),
    nodes,
    stop,
  };
}

/** Ports are chosen once and kept, because brokers announce them to clients. */
async function layoutIn(directory: string, count: number): Promise<Layout> {
  const file = join(directory, 'cluster.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Layout;
  const ports = await freePorts(3 * count);
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[3 * index] ?? 0,
    controllerPort: ports[3 * index + 1] ?? 0,
    outsidePort: ports[3 * index + 2] ?? 0,
  }));
  const id = randomBytes(16);
  // Otherwise it may begin with a dash and be parsed as an option.
  id.writeUInt8(id.readUInt8(0) & 0x7f, 0);
  const layout: Layout = { clusterId: id.toString('base64url'), nodes };
  await mkdir(directory, { recursive: true });
  await writeFile(file, JSON.stringify(layout));
  return layout;
}
