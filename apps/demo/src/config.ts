import { parseMasterSecret, readEnvironment } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';

const schema = Type.Object({
  CROSSDESK_SECRET: Type.String({ description: 'of the installation: its setup code follows from it' }),
  GRAPHQL_URL: Type.String({ pattern: '^https?://', description: 'where the gateway answers' }),
  TWIN_HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  TWIN_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 4002 }),
  TWIN_PUBLIC_URL: Type.String({
    pattern: '^https?://[^ ]*[^/ ]$',
    description: 'where services/ingest reaches the simulated platforms, without a slash at the end',
  }),
  TWIN_SEED: Type.String({ default: 'demo' }),
  DEMO_MESSAGES_PER_MINUTE: Type.Integer({ minimum: 0, maximum: 6_000, default: 20 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});

/** @throws ConfigError */
export function readDemoConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  return {
    master: parseMasterSecret(values.CROSSDESK_SECRET),
    graphqlUrl: values.GRAPHQL_URL,
    twin: {
      host: values.TWIN_HOST,
      port: values.TWIN_PORT,
      publicUrl: values.TWIN_PUBLIC_URL,
      seed: values.TWIN_SEED,
    },
    messagesPerMinute: values.DEMO_MESSAGES_PER_MINUTE,
    logLevel: values.LOG_LEVEL,
  };
}
