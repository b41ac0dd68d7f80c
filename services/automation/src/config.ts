import {
  outgoingVariables,
  readEnvironment,
  serviceSettingsIn,
  serviceVariables,
  subgraphVariables,
  unknownVariables,
} from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';

const schema = Type.Object({ ...serviceVariables, ...subgraphVariables, ...outgoingVariables });

/** The settings of the process, from its environment. @throws ConfigError that names every problem */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  return {
    ...serviceSettingsIn('automation', values, env),
    port: values.HTTP_PORT,
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? false,
    unknownVariables: unknownVariables(schema, env),
  };
}
