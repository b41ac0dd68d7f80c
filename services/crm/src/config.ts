import { readServiceConfig } from '@crossdesk/service-kit';

/** What the process is told from outside. @throws ConfigError that names every problem */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  return readServiceConfig(env);
}
