import {
  brokerVariables,
  kafkaIn,
  outboxKeptMonths,
  parseMasterSecret,
  readEnvironment,
  tracingIn,
  tracingVariables,
} from '@crossdesk/service-kit';
import { type Static, type TObject, Type } from '@sinclair/typebox';

/** Of every program that talks to platforms. */
export const platformVariables = {
  PLATFORM_TIMEOUT_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 60,
    default: 15,
    description: 'how long a platform may take to answer a call',
  }),
  READ_BACK_AFTER_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'how long a platform is given to show a message before its absence is believed; default: what each channel needs',
    }),
  ),
};

export function platformTimesIn(values: Static<TObject<typeof platformVariables>>) {
  const { PLATFORM_TIMEOUT_SECONDS: timeout, READ_BACK_AFTER_SECONDS: readBackAfter } = values;
  return {
    platformTimeoutMs: timeout * 1_000,
    readBackSettleMs: readBackAfter === undefined ? null : readBackAfter * 1_000,
  };
}

const schema = Type.Object({
  DATABASE_URL: Type.String({
    description: 'postgres://user:password@host:port/database, with rights to create roles and schemas',
  }),
  CROSSDESK_SECRET: Type.String({ description: 'at least 32 random bytes in base64' }),
  PUBLIC_WEBHOOK_URL: Type.String({
    pattern: '^https?://[^ ]*[^/ ]$',
    description: 'where platforms reach this service, without a slash at the end',
  }),
  INGEST_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 4001 }),
  INGEST_HOST: Type.String({ default: '127.0.0.1' }),
  ALLOW_PRIVATE_ADDRESSES: Type.Boolean({
    default: false,
    description: 'lets channel accounts point to a twin on this machine',
  }),
  SYNC_EVERY_SECONDS: Type.Integer({ minimum: 1, default: 300 }),
  ...platformVariables,
  LOG_LEVEL: Type.String({ default: 'info' }),
  OUTBOX_KEPT_MONTHS: outboxKeptMonths,
  ...brokerVariables,
  ...tracingVariables,
});

/** What this service is told by its environment. @throws ConfigError */
export function readIngestConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  return {
    databaseUrl: values.DATABASE_URL,
    kafka: kafkaIn(values),
    master: parseMasterSecret(values.CROSSDESK_SECRET),
    publicWebhookUrl: values.PUBLIC_WEBHOOK_URL,
    port: values.INGEST_PORT,
    host: values.INGEST_HOST,
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES,
    syncEveryMs: values.SYNC_EVERY_SECONDS * 1_000,
    ...platformTimesIn(values),
    logLevel: values.LOG_LEVEL,
    tracing: tracingIn(values),
    outboxKeptMonths: values.OUTBOX_KEPT_MONTHS ?? null,
  };
}
