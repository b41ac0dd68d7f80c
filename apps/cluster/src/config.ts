import type { ServiceName } from '@crossdesk/contracts';
import { kafkaIn, readEnvironment, unknownVariables } from '@crossdesk/service-kit';
import { clusterVariables, isEmpty, machineSettingsIn, machineVariables } from '@crossdesk/standalone';
import { Type } from '@sinclair/typebox';
import { join, resolve } from 'node:path';

const schema = Type.Object({ ...machineVariables, ...clusterVariables });

export type ClusterConfig = ReturnType<typeof readClusterConfig>;

/** Reads the command line and environment of `start:cluster`. @throws ConfigError naming every problem */
export function readClusterConfig(
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
) {
  const values = readEnvironment(schema, env);
  // Apart from the folder of `start`: the Postgres of the cluster belongs to another log.
  const dataDirectory = join(resolve(values.DATA_DIRECTORY), 'cluster');
  const settings = machineSettingsIn(values, !isEmpty(args, 'start:cluster'), dataDirectory);
  return {
    ...settings,
    databaseUrls: {
      ingest: values.INGEST_DATABASE_URL ?? null,
      conversation: values.CONVERSATION_DATABASE_URL ?? null,
      crm: values.CRM_DATABASE_URL ?? null,
      automation: values.AUTOMATION_DATABASE_URL ?? null,
      analytics: values.ANALYTICS_DATABASE_URL ?? null,
    } satisfies Record<ServiceName, string | null>,
    kafka: kafkaIn(values),
    unknownVariables: unknownVariables(schema, env),
    /** Passed on to the processes, together with the variables that the cluster sets itself. */
    environment: env,
  };
}
