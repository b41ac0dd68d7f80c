import { demoVariables } from '@crossdesk/demo';
import { gatewaySettingsIn, gatewayVariables } from '@crossdesk/gateway';
import { ingestSettingsIn, ingestVariables } from '@crossdesk/ingest';
import {
  brokerVariables,
  ConfigError,
  healthAddress,
  masterVariables,
  programVariables,
  readEnvironment,
  serviceVariables,
  tracingIn,
  unknownVariables,
} from '@crossdesk/service-kit';
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Variables of a whole installation on one machine, in one process or several. Most of them are optional. */
export const machineVariables = {
  ...programVariables,
  ...ingestVariables,
  ...gatewayVariables,
  ...demoVariables,
  OUTBOX_KEPT_MONTHS: serviceVariables.OUTBOX_KEPT_MONTHS,
  DATABASE_URL: Type.Optional(serviceVariables.DATABASE_URL),
  CROSSDESK_SECRET: Type.Optional(masterVariables.CROSSDESK_SECRET),
  CROSSDESK_SECRET_PREVIOUS: masterVariables.CROSSDESK_SECRET_PREVIOUS,
  PUBLIC_WEBHOOK_URL: Type.Optional(ingestVariables.PUBLIC_WEBHOOK_URL),
  MEDIA_DIRECTORY: Type.Optional(Type.String({ description: ingestVariables.MEDIA_DIRECTORY.description ?? '' })),
  DATA_DIRECTORY: Type.String({ default: '.data', description: 'folder of the built-in servers and the secret' }),
};

const ownDatabase = Type.Optional(serviceVariables.DATABASE_URL);

/** Variables for several processes only: each service may have its own Postgres. */
export const clusterVariables = {
  ...brokerVariables,
  INGEST_DATABASE_URL: ownDatabase,
  CONVERSATION_DATABASE_URL: ownDatabase,
  CRM_DATABASE_URL: ownDatabase,
  AUTOMATION_DATABASE_URL: ownDatabase,
  ANALYTICS_DATABASE_URL: ownDatabase,
};

type MachineValues = Static<TObject<typeof machineVariables>>;

export function machineSettingsIn(
  values: MachineValues,
  isDemo: boolean,
  dataDirectory = resolve(values.DATA_DIRECTORY),
) {
  const { MEDIA_DIRECTORY = join(dataDirectory, 'media') } = values;
  return {
    isDemo,
    databaseUrl: values.DATABASE_URL ?? null,
    secrets: secretsIn(values),
    dataDirectory,
    host: values.HOST,
    healthPort: values.HEALTH_PORT,
    ports: { gateway: values.GATEWAY_PORT, ingest: values.INGEST_PORT, twin: values.TWIN_PORT },
    publicWebhookUrl: values.PUBLIC_WEBHOOK_URL ?? `http://${values.HOST}:${values.INGEST_PORT}`,
    ingest: ingestSettingsIn({ ...values, MEDIA_DIRECTORY }, isDemo),
    gateway: gatewaySettingsIn(values, isDemo),
    demo: { seed: values.TWIN_SEED, messagesPerMinute: values.DEMO_MESSAGES_PER_MINUTE },
    logLevel: values.LOG_LEVEL,
    tracing: tracingIn(values),
    outboxKeptMonths: values.OUTBOX_KEPT_MONTHS ?? null,
  };
}

/** The master secret is in the data folder unless it is given. */
function secretsIn({ CROSSDESK_SECRET, CROSSDESK_SECRET_PREVIOUS }: MachineValues) {
  return {
    ...(CROSSDESK_SECRET === undefined ? {} : { CROSSDESK_SECRET }),
    ...(CROSSDESK_SECRET_PREVIOUS === undefined ? {} : { CROSSDESK_SECRET_PREVIOUS }),
  };
}

/** The addresses it will listen on, to be checked before any slow step. */
export function addressesOf(settings: ReturnType<typeof machineSettingsIn>) {
  const { host, ports, isDemo } = settings;
  return [
    healthAddress(settings),
    { host, port: ports.gateway, variable: 'GATEWAY_PORT' },
    { host, port: ports.ingest, variable: 'INGEST_PORT' },
    ...(isDemo ? [{ host, port: ports.twin, variable: 'TWIN_PORT' }] : []),
  ];
}

const schema = Type.Object({
  ...machineVariables,
  // The output is for a person at a terminal.
  LOG_LEVEL: { ...programVariables.LOG_LEVEL, default: 'warn' },
});

export type StandaloneConfig = ReturnType<typeof readStandaloneConfig>;

/** Reads the command line and environment of `start`. @throws ConfigError naming every problem */
export function readStandaloneConfig(
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
) {
  refuseCluster(env);
  const values = readEnvironment(schema, env);
  const isDemo = !isEmpty(args, 'start');
  return { ...machineSettingsIn(values, isDemo), unknownVariables: unknownVariables(schema, env) };
}

/** Whether the command line asks for an installation without demo. @throws ConfigError for any other option */
export function isEmpty(args: readonly string[], command: string): boolean {
  try {
    // pnpm passes on the dashes that separate its own options from ours.
    const given = args.filter((arg) => arg !== '--');
    return parseArgs({ args: given, options: { empty: { type: 'boolean', default: false } } }).values.empty;
  } catch {
    throw new ConfigError(`unknown option: ${command} takes --empty (no demo, no twin) and nothing else`);
  }
}

/** Refuses these variables, because ignoring them would start another system than the person asked for. */
function refuseCluster(env: NodeJS.ProcessEnv): void {
  const usual = new Map(Object.entries(clusterVariables).map(([name, schema]) => [name, schema.default]));
  const refused = Object.entries(env).flatMap(([name, value = '']) => {
    const variable = name.replace(/_FILE$/, '');
    return usual.has(variable) && value !== '' && value !== String(usual.get(variable)) ? [name] : [];
  });
  if (refused.length > 0)
    throw new ConfigError(
      `${refused.join(', ')}: start runs on one Postgres, which also holds the log; use start:cluster with these variables`,
    );
}
