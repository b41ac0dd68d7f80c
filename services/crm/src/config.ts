import { parseMasterSecret, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';

const environment = Type.Object({
  CROSSDESK_SECRET: Type.String({ description: 'at least 32 bytes in base64, the same for every service' }),
  DATABASE_URL: Type.String({ description: 'postgres://… with rights to create roles and schemas' }),
  HTTP_HOST: Type.String({ default: '127.0.0.1' }),
  HTTP_PORT: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port of the subgraph' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});

/** What the process is told from outside. @throws ConfigError that names every problem */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const given = readEnvironment(environment, env);
  return {
    master: parseMasterSecret(given.CROSSDESK_SECRET),
    databaseUrl: given.DATABASE_URL,
    http: { host: given.HTTP_HOST, port: given.HTTP_PORT },
    logLevel: given.LOG_LEVEL,
  };
}
