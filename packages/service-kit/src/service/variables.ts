import { FormatRegistry, type Static, type TObject, Type } from '@sinclair/typebox';
import { brokerVariables, kafkaIn } from '../broker/broker-config.ts';
import { areNetworks } from '../caller/client-address.ts';
import { ConfigError, listIn } from '../runtime/config.ts';
import { keysPattern, readKeysOf, refuseMaster } from '../runtime/key-grants.ts';
import { type Keys, keysOf, parseMasterSecret } from '../runtime/keys.ts';
import { tracingIn, tracingVariables } from '../runtime/tracing.ts';

// Each variable is defined once. A program uses the definitions of its parts, so that a variable means the same in
// every way to run.

FormatRegistry.Set('networks', (text) => areNetworks(listIn(text)));

/** A port at a known place, at which others reach a process. */
export const portVariable = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description });

const master = { pattern: '^[A-Za-z0-9+/_-]{43,}={0,2}$' };

/** Variables of the programs that may derive every key: `start`, and the commands of the operator. */
export const masterVariables = {
  CROSSDESK_SECRET: Type.String({ ...master, description: 'the master secret: at least 32 random bytes in base64' }),
  CROSSDESK_SECRET_PREVIOUS: Type.Optional(
    Type.String({ ...master, description: 'the master secret before, while it is being changed' }),
  ),
};

type MasterSecrets = Static<TObject<typeof masterVariables>>;

/** All keys of the installation. @throws ConfigError */
export function masterKeysIn({ CROSSDESK_SECRET: current, CROSSDESK_SECRET_PREVIOUS: previous }: MasterSecrets): Keys {
  if (previous === current) throw new ConfigError('CROSSDESK_SECRET_PREVIOUS is the same as CROSSDESK_SECRET');
  return keysOf(parseMasterSecret(current), previous === undefined ? null : parseMasterSecret(previous));
}

/** Variables of every program that runs services or serves people. */
export const programVariables = {
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

/** The keys of one process. */
export const keysVariable = {
  CROSSDESK_KEYS: Type.String({
    pattern: keysPattern,
    description: 'the keys of this process, which the setup command `keys NAME` prints; not the master secret',
  }),
};

/** Variables of every process of an installation. */
export const processVariables = { ...keysVariable, ...programVariables };

/** The settings of the process of this name. @throws ConfigError */
export function processSettingsIn(
  name: string,
  values: Static<TObject<typeof processVariables>>,
  env: NodeJS.ProcessEnv,
) {
  refuseMaster(name, env);
  return {
    keys: readKeysOf(name, values.CROSSDESK_KEYS),
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

/** Variables of every process that calls addresses which people of a workspace enter. */
export const outgoingVariables = {
  ALLOW_PRIVATE_ADDRESSES: Type.Optional(
    Type.Boolean({
      description: 'allows channel accounts and translation engines with addresses of this machine or network',
    }),
  ),
};

/** The address of every process that is only a subgraph. */
export const subgraphVariables = {
  HTTP_PORT: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port of the subgraph' }),
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

export function serviceSettingsIn(
  name: string,
  values: Static<TObject<typeof serviceVariables>>,
  env: NodeJS.ProcessEnv,
) {
  return {
    ...processSettingsIn(name, values, env),
    databaseUrl: values.DATABASE_URL,
    kafka: kafkaIn(values),
    outboxKeptMonths: values.OUTBOX_KEPT_MONTHS ?? null,
  };
}
