import { parseMasterSecret, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';

const address = (description: string) => Type.String({ pattern: '^postgres(ql)?://', description });

const secretsSchema = Type.Object({
  DATABASE_URL: address('of the administrator, without the password that is made here'),
  SECRETS_DIRECTORY: Type.String({ description: 'folder that keeps the secrets of the installation' }),
});

const migrateSchema = Type.Object({
  DATABASE_URL: address('of a user with rights to create roles and schemas'),
  CROSSDESK_SECRET: Type.String({ description: 'at least 32 random bytes in base64' }),
});

/** Names of the variables each step reads. */
export const setupVariables: readonly string[] = [secretsSchema, migrateSchema].flatMap(({ properties }) =>
  Object.keys(properties),
);

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
