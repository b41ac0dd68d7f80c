import {
  httpUrlVariable,
  portVariable,
  processVariables,
  readEnvironment,
  readKeysOf,
  refuseMaster,
  unknownVariables,
} from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';

/** Variables of every program that runs the simulated platforms. */
export const demoVariables = {
  TWIN_PORT: portVariable(4002, 'port of the simulated platforms'),
  TWIN_SEED: Type.String({ default: 'demo', description: 'the same seed simulates the same shops and buyers' }),
  DEMO_MESSAGES_PER_MINUTE: Type.Integer({ minimum: 0, maximum: 6_000, default: 20 }),
};

const { CROSSDESK_KEYS, HOST, LOG_LEVEL } = processVariables;

const schema = Type.Object({
  CROSSDESK_KEYS,
  HOST,
  LOG_LEVEL,
  GRAPHQL_URL: httpUrlVariable('address of the gateway'),
  ...demoVariables,
  TWIN_PUBLIC_URL: httpUrlVariable(
    'address at which services/ingest reaches the simulated platforms, without a slash at the end',
    { pattern: '[^/ ]$' },
  ),
});

/** @throws ConfigError */
export function readDemoConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  refuseMaster('demo', env);
  return {
    keys: readKeysOf('demo', values.CROSSDESK_KEYS),
    graphqlUrl: values.GRAPHQL_URL,
    host: values.HOST,
    port: values.TWIN_PORT,
    twin: { publicUrl: values.TWIN_PUBLIC_URL, seed: values.TWIN_SEED },
    messagesPerMinute: values.DEMO_MESSAGES_PER_MINUTE,
    logLevel: values.LOG_LEVEL,
    unknownVariables: unknownVariables(schema, env),
  };
}
