import { type Static, type TObject, Type } from '@sinclair/typebox';
import { brokerVariables, kafkaIn } from '../broker/broker-config.ts';
import { parseMasterSecret } from '../runtime/keys.ts';
import { tracingIn, tracingVariables } from '../runtime/tracing.ts';

// Each variable is defined once. A program uses the definitions of its parts, so that a variable means the same in
// every way to run.

/** A port at a known place, at which others reach a process. */
export const portVariable = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description });

/** Variables of every process of an installation. */
export const processVariables = {
  CROSSDESK_SECRET: Type.String({
    pattern: '^[A-Za-z0-9+/_-]{43,}={0,2}$',
    description: 'at least 32 random bytes in base64, the same for every process of an installation',
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'address to listen at' }),
  HEALTH_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 4003,
    description: 'port of /healthz, /readyz and /metrics; 0: any free port',
  }),
  LOG_LEVEL: Type.Union(
    [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'), Type.Literal('silent')],
    { default: 'info', description: 'debug, info, warn, error or silent' },
  ),
  ...tracingVariables,
};

export function processSettingsIn(values: Static<TObject<typeof processVariables>>) {
  return {
    master: parseMasterSecret(values.CROSSDESK_SECRET),
    host: values.HOST,
    healthPort: values.HEALTH_PORT,
    logLevel: values.LOG_LEVEL,
    tracing: tracingIn(values),
  };
}

/** Variables of every process that is asked from the internet. */
export const publicVariables = {
  TRUSTED_PROXIES: Type.String({
    default: '',
    format: 'networks',
    description: 'networks of proxies that report the address of the caller, separated by commas: 10.0.0.0/8',
  }),
};

/** Variables of every process with its own database. */
export const serviceVariables = {
  ...processVariables,
  DATABASE_URL: Type.String({
    format: 'postgres-url',
    description: 'postgres://user:password@host:port/database, with rights to create roles and schemas',
  }),
  // At least as long as the log and the lists of consumed events keep theirs: less would be dangerous.
  OUTBOX_KEPT_MONTHS: Type.Optional(
    Type.Integer({
      minimum: 2,
      description:
        'months of the event history that are kept beside the current one; empty: all, and projections can be rebuilt',
    }),
  ),
  ...brokerVariables,
};

export function serviceSettingsIn(values: Static<TObject<typeof serviceVariables>>) {
  return {
    ...processSettingsIn(values),
    databaseUrl: values.DATABASE_URL,
    kafka: kafkaIn(values),
    outboxKeptMonths: values.OUTBOX_KEPT_MONTHS ?? null,
  };
}
