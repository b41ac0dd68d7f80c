import { type KafkaNode, startLocalKafka } from '@crossdesk/local-kafka';
import type { KafkaOptions } from '@crossdesk/service-kit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxy, startProxy } from './proxy.ts';

/** A Kafka of the harness's own, reached by the system through a proxy and by the checkers directly. */
export interface KafkaServer {
  readonly kind: 'kafka';
  /** Where the system finds it; runs are kept apart by what stands before the names of their topics and groups. */
  optionsOf(prefix: string): KafkaOptions;
  /** Where the harness finds it, past all faults but those of the broker itself. */
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
    // The broker ends with the harness, however that ends: it hangs on a pipe.
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
