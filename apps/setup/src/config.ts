import { topicNames } from '@crossdesk/contracts';
import {
  brokerVariables,
  ConfigError,
  kafkaIn,
  keyHolders,
  masterKeysIn,
  masterVariables,
  readEnvironment,
  serviceVariables,
} from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import { parseArgs } from 'node:util';

const { DATABASE_URL } = serviceVariables;

const secretsSchema = Type.Object({
  // Without the password, which is generated here.
  DATABASE_URL,
  SECRETS_DIRECTORY: Type.String({ description: 'folder for the secrets of the installation' }),
});

const migrateSchema = Type.Object({ DATABASE_URL, ...masterVariables });

const topicsSchema = Type.Object(brokerVariables);

const integratorSchema = Type.Object({
  ...brokerVariables,
  KAFKA_PUBLIC_ADDRESS: Type.Optional(
    Type.String({ description: 'host and port under which integrators reach Kafka; otherwise KAFKA_BROKERS' }),
  ),
});

export type SecretsConfig = ReturnType<typeof readSecretsConfig>;

/** @throws ConfigError */
export function readSecretsConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(secretsSchema, env);
  return { adminUrl: values.DATABASE_URL, directory: values.SECRETS_DIRECTORY };
}

const keysSchema = Type.Object(masterVariables);

/** `NAME` with `--embedded-log` for a process on the log in Postgres, or `kubernetes [PREFIX]`. @throws ConfigError */
export function readKeysConfig(args: readonly string[] = process.argv.slice(3), env: NodeJS.ProcessEnv = process.env) {
  const [name = '', option, ...more] = args.filter((arg) => arg !== '--');
  const isKubernetes = name === 'kubernetes';
  const isKnown = keyHolders.includes(name) && (option === undefined || option === '--embedded-log');
  if (more.length > 0 || (!isKubernetes && !isKnown))
    throw new ConfigError(
      `keys takes one of ${keyHolders.join(', ')}, with --embedded-log if the log is in Postgres; or kubernetes, with the beginning of the secrets' names`,
    );
  const keys = masterKeysIn(readEnvironment(keysSchema, env));
  return isKubernetes
    ? ({ keys, prefix: option ?? 'crossdesk-keys-' } as const)
    : ({ keys, process: name, isLogEmbedded: option !== undefined } as const);
}

export type MigrateConfig = ReturnType<typeof readMigrateConfig>;

/** @throws ConfigError */
export function readMigrateConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(migrateSchema, env);
  return { adminUrl: values.DATABASE_URL, keys: masterKeysIn(values) };
}

/** @throws ConfigError */
export function readLetterId(args: readonly string[] = process.argv.slice(3)): string {
  const [id, ...more] = args.filter((arg) => arg !== '--');
  if (id === undefined || more.length > 0)
    throw new ConfigError('discard-dead-letter takes one id: dead-letters shows the records that can be discarded');
  return id;
}

export type TopicsConfig = ReturnType<typeof readTopicsConfig>;

/** @throws ConfigError */
export function readTopicsConfig(
  args: readonly string[] = process.argv.slice(3),
  env: NodeJS.ProcessEnv = process.env,
) {
  const kafka = kafkaIn(readEnvironment(topicsSchema, env));
  if (kafka === null)
    throw new ConfigError('KAFKA_BROKERS is not set: with the embedded log there are no topics to create');
  return { kafka, ...readFlags(args) };
}

export type IntegratorConfig = ReturnType<typeof readIntegratorConfig>;

/** `add NAME [--topics a,b]` or `remove NAME`. @throws ConfigError */
export function readIntegratorConfig(
  args: readonly string[] = process.argv.slice(3),
  env: NodeJS.ProcessEnv = process.env,
) {
  const values = readEnvironment(integratorSchema, env);
  const kafka = kafkaIn(values);
  if (kafka === null) throw new ConfigError('KAFKA_BROKERS is not set: the embedded log has no integrators');
  const { KAFKA_PUBLIC_ADDRESS } = values;
  return { kafka, publicAddress: KAFKA_PUBLIC_ADDRESS ?? kafka.brokers.join(','), ...readIntegratorWords(args) };
}

function readIntegratorWords(args: readonly string[]) {
  const { values, positionals } = parseWords(args);
  const [verb, name = '', ...more] = positionals;
  if ((verb !== 'add' && verb !== 'remove') || more.length > 0 || (verb === 'remove' && values.topics !== undefined))
    throw new ConfigError(integratorUsage);
  if (!/^[a-z][a-z0-9-]{1,39}$/.test(name))
    throw new ConfigError(
      'the name of an integrator has 2 to 40 lower-case letters, digits and dashes, for example warehouse-eu',
    );
  const wanted = values.topics?.split(',') ?? topicNames;
  const known = topicNames.filter((topic) => wanted.includes(topic));
  const unknown = wanted.filter((topic) => !topicNames.some((one) => one === topic));
  if (unknown.length > 0)
    throw new ConfigError(`there is no topic ${unknown.join(', ')}: the topics are ${topicNames.join(', ')}`);
  return { verb, name, topics: known } as const;
}

const integratorUsage = 'integrator takes `add NAME`, with --topics a,b for some topics only, or `remove NAME`';

function parseWords(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: { topics: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new ConfigError(integratorUsage, { cause });
  }
}

function readFlags(args: readonly string[]): { isApplied: boolean; acceptsRisk: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: { 'accept-risk': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.every((word) => word === 'apply'))
      return { isApplied: positionals.length > 0, acceptsRisk: values['accept-risk'] };
  } catch {
    // Reported below, together with wrong words.
  }
  throw new ConfigError('topics takes no argument (show the plan) or `apply`, with --accept-risk if a step has a risk');
}
