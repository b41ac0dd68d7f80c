import { readServiceConfig } from '@crossdesk/service-kit';

/** The settings of the process, from its environment. @throws ConfigError that names every problem */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  return readServiceConfig('conversation', env);
}
