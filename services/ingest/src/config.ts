import {
  httpUrlVariable,
  portVariable,
  readEnvironment,
  serviceSettingsIn,
  serviceVariables,
  unknownVariables,
} from '@crossdesk/service-kit';
import { type Static, type TObject, Type } from '@sinclair/typebox';

/** Variables of every program that contains ingest. */
export const ingestVariables = {
  INGEST_PORT: portVariable(4001, 'port of the webhooks'),
  PUBLIC_WEBHOOK_URL: httpUrlVariable('where platforms reach the webhooks, without a slash at the end', {
    pattern: '[^/ ]$',
  }),
  ALLOW_PRIVATE_ADDRESSES: Type.Optional(
    Type.Boolean({ description: 'allows channel accounts with addresses of this machine or network' }),
  ),
  SYNC_EVERY_SECONDS: Type.Integer({
    minimum: 1,
    default: 300,
    description: 'how often orders and lost messages are fetched',
  }),
  PLATFORM_TIMEOUT_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 60,
    default: 15,
    description: 'how long a platform may take to answer a call',
  }),
  READ_BACK_AFTER_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'how long a platform may take to show a message before it counts as absent; default: the time of each channel',
    }),
  ),
};

type IngestValues = Static<TObject<Omit<typeof ingestVariables, 'INGEST_PORT' | 'PUBLIC_WEBHOOK_URL'>>>;

/** The settings of ingest, in any program. Unless configured, private addresses are allowed in a demo only. */
export function ingestSettingsIn(values: IngestValues, isDemo = false) {
  const { PLATFORM_TIMEOUT_SECONDS: timeout, READ_BACK_AFTER_SECONDS: readBackAfter } = values;
  return {
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? isDemo,
    syncEveryMs: values.SYNC_EVERY_SECONDS * 1_000,
    platformTimeoutMs: timeout * 1_000,
    readBackSettleMs: readBackAfter === undefined ? null : readBackAfter * 1_000,
  };
}

const schema = Type.Object({ ...serviceVariables, ...ingestVariables });

/** The settings of ingest as a separate process, from its environment. @throws ConfigError */
export function readIngestConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  return {
    ...serviceSettingsIn(values),
    ingest: { publicWebhookUrl: values.PUBLIC_WEBHOOK_URL, ...ingestSettingsIn(values) },
    port: values.INGEST_PORT,
    unknownVariables: unknownVariables(schema, env),
  };
}
