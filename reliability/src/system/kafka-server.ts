import { type KafkaNode, startLocalKafka } from '@crossdesk/local-kafka';
import type { KafkaOptions } from '@crossdesk/service-kit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxy, startProxy } from './proxy.ts';

/** The Kafka of the harness. The system reaches it through a proxy, the checkers directly. */
export interface KafkaServer {
  readonly kind: 'kafka';
  /** How the system connects. The prefix of topics and groups keeps runs apart. */
  optionsOf(prefix: string): KafkaOptions;
  /** How the harness connects: without the proxy and its faults. */
  directOptionsOf(prefix: string): KafkaOptions;
  readonly proxy: Proxy;
  readonly broker: KafkaNode;
  stop(): Promise<void>;
}

/** @throws LocalKafkaError where Java or Maven are missing */
export async function startKafkaServer(): Promise<KafkaServer> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-reliability-kafka-'));
  let behindPort = 0;
  const proxy = await startProxy(() => behindPort);
  try {
    // A pipe ends the broker when the harness ends, however that happens.
    const kafka = await startLocalKafka({ directory, nodes: 1, proxyPorts: [proxy.port] });
    const [broker] = kafka.nodes;
    if (broker === undefined) throw new Error('Kafka has no broker');
    behindPort = broker.behindProxyPort ?? 0;
    const options = { ssl: false, sasl: null };
    return {
      kind: 'kafka',
      optionsOf: (prefix) => ({ ...options, prefix, brokers: [`127.0.0.1:${proxy.port}`] }),
      directOptionsOf: (prefix) => ({ ...options, prefix, brokers: [broker.address] }),
      proxy,
      broker,
      stop: async () => {
        await proxy.close();
        await kafka.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await proxy.close();
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}
