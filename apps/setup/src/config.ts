import { brokerVariables, ConfigError, kafkaIn, parseMasterSecret, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import { parseArgs } from 'node:util';

const address = (description: string) => Type.String({ pattern: '^postgres(ql)?://', description });

const secretsSchema = Type.Object({
  DATABASE_URL: address('of the administrator, without the password that is made here'),
  SECRETS_DIRECTORY: Type.String({ description: 'folder that keeps the secrets of the installation' }),
});

const migrateSchema = Type.Object({
  DATABASE_URL: address('of a user with rights to create roles and schemas'),
  CROSSDESK_SECRET: Type.String({ description: 'at least 32 random bytes in base64' }),
});

const topicsSchema = Type.Object(brokerVariables);

export type SecretsConfig = ReturnType<typeof readSecretsConfig>;

/** @throws ConfigError */
export function readSecretsConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(secretsSchema, env);
  return { adminUrl: values.DATABASE_URL, directory: values.SECRETS_DIRECTORY };
}

export type MigrateConfig = ReturnType<typeof readMigrateConfig>;

/** @throws ConfigError */
export function readMigrateConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(migrateSchema, env);
  return { adminUrl: values.DATABASE_URL, master: parseMasterSecret(values.CROSSDESK_SECRET) };
}

export type TopicsConfig = ReturnType<typeof readTopicsConfig>;

/** @throws ConfigError */
export function readTopicsConfig(
  args: readonly string[] = process.argv.slice(3),
  env: NodeJS.ProcessEnv = process.env,
) {
  const kafka = kafkaIn(readEnvironment(topicsSchema, env));
  if (kafka === null) throw new ConfigError('KAFKA_BROKERS is not set: the embedded log needs no topics made');
  return { kafka, ...readFlags(args) };
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
    // Said below, for a wrong word too.
  }
  throw new ConfigError('topics takes nothing (show the plan) or `apply`, with --accept-risk where a step has a risk');
}
