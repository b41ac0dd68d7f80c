import type { Admin, Consumer, LogEntry, Producer } from 'kafkajs';
// A CommonJS module whose names Node does not find by itself.
import kafkajs from 'kafkajs';
import type { Logger } from '../runtime/log.ts';

export type { Admin, Consumer, EachBatchPayload, Producer } from 'kafkajs';

const { ConfigResourceTypes, ConfigSource, Kafka, logLevel, Partitioners } = kafkajs;
export const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Put before every topic and group name, so that installations can share a cluster. */
  readonly prefix: string;
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
  /**
   * What this process is called among those of its service, the same after a restart: one that was killed then takes its
   * partitions back at once instead of after its session (static membership, KIP-345). Of several processes with one name
   * the last has it.
   */
  readonly memberName?: string;
}

/** Makes clients of the cluster. A client that failed is left behind and another one made: none is ever reused. */
export interface KafkaClients {
  admin(): Admin;
  producer(): Producer;
  consumer(options: {
    readonly groupId: string;
    readonly sessionTimeoutMs: number;
    readonly memberName: string | null;
  }): Consumer;
}

/** A lone record is there at once; of a stream, what comes within this time is read together. */
const fetchWaitMs = 250;
const partitionBytesMax = 512 * 1024;
const rebalanceTimeoutMs = 60_000;

/** The only file that knows kafkajs (ADR 0015). Options that matter for safety are written out, also where they are defaults. */
export function createKafkaClients({ brokers, ssl, sasl }: KafkaOptions, log: Logger): KafkaClients {
  const kafka = new Kafka({
    clientId: 'crossdesk',
    brokers: [...brokers],
    ssl,
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Relay and consumer try again for as long as it takes: here only what passes by itself is waited for.
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
        // Consumers absorb repeats; the idempotent producer of kafkajs is experimental.
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
        // A crashed consumer ends; the one that comes after it is ours to make.
        retry: { initialRetryTime: 200, retries: 3, restartOnFailure: async () => false },
      }),
  };
}

type Sasl = NonNullable<KafkaOptions['sasl']>;

/** One literal per mechanism, as the types of kafkajs want it. */
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

/** What kafkajs calls an error it mostly mends by itself; what it cannot mend comes back as one. */
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

/** What was set on topics themselves, and what they inherit for the given names. */
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

/** Replaces everything that was set on a topic itself: Kafka's older call, the one kafkajs speaks, takes no less. */
export async function writeTopicConfig(admin: Admin, topic: string, config: Config): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
}
