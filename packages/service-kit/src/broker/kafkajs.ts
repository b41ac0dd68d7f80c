import type { Admin, Consumer, LogEntry, Producer } from 'kafkajs';
// A CommonJS module whose named exports Node does not detect.
import kafkajs from 'kafkajs';
import type { Logger } from '../runtime/log.ts';

export type { Admin, Consumer, EachBatchPayload, Producer } from 'kafkajs';

const { ConfigResourceTypes, ConfigSource, Kafka, logLevel, Partitioners } = kafkajs;
export const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** The prefix of every topic and group name, so that installations can share a cluster. */
  readonly prefix: string;
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
  /**
   * The name of this process among those of its service, the same after a restart: a killed process then takes its
   * partitions back at once instead of after its session (static membership, KIP-345). Of several processes with one
   * name the last one has it.
   */
  readonly memberName?: string;
}

/** Creates clients of the cluster. A client that failed is abandoned and another one created: none is ever reused. */
export interface KafkaClients {
  admin(): Admin;
  producer(): Producer;
  consumer(options: {
    readonly groupId: string;
    readonly sessionTimeoutMs: number;
    readonly memberName: string | null;
  }): Consumer;
}

/** A single record is read at once; records of a stream that arrive within this time are read together. */
const fetchWaitMs = 250;
const partitionBytesMax = 512 * 1024;
const rebalanceTimeoutMs = 60_000;

/**
 * The only file that knows kafkajs (ADR 0015). Options that matter for safety are written out, even if they are
 * defaults.
 */
export function createKafkaClients({ brokers, ssl, sasl }: KafkaOptions, log: Logger): KafkaClients {
  const kafka = new Kafka({
    clientId: 'crossdesk',
    brokers: [...brokers],
    ssl,
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Relay and consumer try again without limit: the retries here are only for brief faults.
    retry: { initialRetryTime: 200, retries: 3 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => write(log, entry),
  });
  return {
    admin: () => kafka.admin(),
    producer: () =>
      kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        // Not needed, since consumers ignore repeats; the idempotent producer of kafkajs is experimental.
        idempotent: false,
      }),
    consumer: ({ groupId, sessionTimeoutMs, memberName }) =>
      kafka.consumer({
        groupId,
        sessionTimeout: sessionTimeoutMs,
        groupInstanceId: memberName,
        rebalanceTimeout: rebalanceTimeoutMs,
        heartbeatInterval: Math.floor(sessionTimeoutMs / 10),
        allowAutoTopicCreation: false,
        minBytes: 1,
        maxWaitTimeInMs: fetchWaitMs,
        maxBytesPerPartition: partitionBytesMax,
        // A crashed consumer ends; we create its successor ourselves.
        retry: { initialRetryTime: 200, retries: 3, restartOnFailure: async () => false },
      }),
  };
}

type Sasl = NonNullable<KafkaOptions['sasl']>;

/** One literal per mechanism, as the types of kafkajs require. */
function saslOptions({ mechanism, username, password }: Sasl) {
  switch (mechanism) {
    case 'plain':
      return { mechanism: 'plain', username, password } as const;
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password } as const;
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password } as const;
  }
}

/** kafkajs mostly recovers by itself from what it logs as errors; others come back to us as errors. */
function write(log: Logger, { namespace, level, log: { message, ...fields } }: LogEntry): void {
  const about = {
    part: `kafka ${namespace}`,
    broker: fields['broker'],
    groupId: fields['groupId'],
    error: fields['error'],
  };
  if (level === logLevel.ERROR) log.warn(about, message);
  else log.debug(about, message);
}

type Config = Readonly<Record<string, string>>;

/** The settings of the topics themselves, and the inherited ones with the given names. */
export async function readTopicConfigs(
  admin: Admin,
  topics: readonly string[],
  names: readonly string[],
): Promise<Map<string, { readonly own: Config; readonly effective: Config }>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => {
      const pairs = (entries: typeof configEntries) =>
        Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
      return [
        resourceName,
        {
          own: pairs(configEntries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)),
          effective: pairs(configEntries.filter(({ configName }) => names.includes(configName))),
        },
      ];
    }),
  );
}

/** Replaces all settings of a topic itself: the older call of Kafka, which kafkajs uses, cannot replace fewer. */
export async function writeTopicConfig(admin: Admin, topic: string, config: Config): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
}
