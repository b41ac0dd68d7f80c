import type { ServiceName } from '@crossdesk/contracts';
import { brokerVariables, ConfigError, kafkaIn, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const postgres = (description: string) => Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description }));
const port = (value: number) => Type.Integer({ minimum: 1, maximum: 65_535, default: value });
const own = postgres('a Postgres of its own for this service');

const schema = Type.Object({
  DATABASE_URL: postgres('another Postgres 18 than the built-in one, with rights to create roles and schemas'),
  INGEST_DATABASE_URL: own,
  CONVERSATION_DATABASE_URL: own,
  CRM_DATABASE_URL: own,
  AUTOMATION_DATABASE_URL: own,
  ANALYTICS_DATABASE_URL: own,
  CROSSDESK_SECRET: Type.Optional(Type.String({ minLength: 43, description: 'at least 32 random bytes in base64' })),
  CLUSTER_DATA_DIRECTORY: Type.String({ default: '.data/cluster', description: 'where Postgres, Kafka and logs lie' }),
  HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  GATEWAY_PORT: port(4000),
  INGEST_PORT: port(4001),
  TWIN_PORT: port(4002),
  PUBLIC_WEBHOOK_URL: Type.Optional(Type.String({ pattern: '^https?://[^ ]*[^/ ]$' })),
  ALLOW_PRIVATE_ADDRESSES: Type.Optional(Type.Boolean()),
  ...brokerVariables,
});

export type ClusterConfig = ReturnType<typeof readClusterConfig>;

/** Command line and environment of `start:cluster`. @throws ConfigError naming every problem */
export function readClusterConfig(
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
) {
  const values = readEnvironment(schema, env);
  const isDemo = !isEmpty(args);
  return {
    isDemo,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseUrls: {
      ingest: values.INGEST_DATABASE_URL ?? null,
      conversation: values.CONVERSATION_DATABASE_URL ?? null,
      crm: values.CRM_DATABASE_URL ?? null,
      automation: values.AUTOMATION_DATABASE_URL ?? null,
      analytics: values.ANALYTICS_DATABASE_URL ?? null,
    } satisfies Record<ServiceName, string | null>,
    secret: values.CROSSDESK_SECRET ?? null,
    dataDirectory: resolve(values.CLUSTER_DATA_DIRECTORY),
    host: values.HOST,
    ports: { gateway: values.GATEWAY_PORT, ingest: values.INGEST_PORT, twin: values.TWIN_PORT },
    publicWebhookUrl: values.PUBLIC_WEBHOOK_URL ?? `http://${values.HOST}:${values.INGEST_PORT}`,
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? isDemo,
    kafka: kafkaIn(values),
    /** What the services are told besides. */
    environment: env,
  };
}

function isEmpty(args: readonly string[]): boolean {
  try {
    const given = args.filter((arg) => arg !== '--');
    return parseArgs({ args: given, options: { empty: { type: 'boolean', default: false } } }).values.empty;
  } catch {
    throw new ConfigError('unknown option: start:cluster takes --empty (no demo, no twin) and nothing else');
  }
}
