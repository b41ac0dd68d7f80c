import {
  ConfigError,
  httpUrlVariable,
  listIn,
  outgoingVariables,
  portVariable,
  publicVariables,
  readEnvironment,
  serviceSettingsIn,
  serviceVariables,
  unknownVariables,
} from '@crossdesk/service-kit';
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { resolve } from 'node:path';
import type { MediaOptions } from './media/media-deps.ts';
import type { S3Options } from './media/s3-store.ts';

/** Variables of every program that contains ingest. */
export const ingestVariables = {
  ...publicVariables,
  INGEST_PORT: portVariable(4001, 'port of the webhooks'),
  PUBLIC_WEBHOOK_URL: httpUrlVariable('where platforms reach the webhooks, without a slash at the end', {
    pattern: '[^/ ]$',
  }),
  ...outgoingVariables,
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
  AUTHORISATION_WARN_DAYS: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,3}(,[0-9]{1,3})*$',
      description: 'days before the end of an authorisation at which people are told; default: those of each channel',
    }),
  ),
  BACKFILL_DAYS: Type.Integer({
    minimum: 0,
    maximum: 365,
    default: 15,
    description: 'how many days of messages and orders are read when an account is connected for the first time',
  }),
  RESYNC_PAUSE_SECONDS: Type.Integer({
    minimum: 0,
    maximum: 3_600,
    default: 2,
    description: 'pause behind each page that is read again, so that polls and replies of the account come first',
  }),
  REPLY_WAIT_HOURS: Type.Integer({
    minimum: 1,
    default: 72,
    description: 'how long a reply waits for an account that lost its authorisation before it fails',
  }),
  MEDIA_DIRECTORY: Type.String({
    default: '.data/media',
    description: 'folder for the files of messages, which all processes of ingest share',
  }),
  MEDIA_S3_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://[^ ]*[^/ ]$',
      description: 'a service with the S3 interface that keeps the files instead, without bucket and slash at the end',
    }),
  ),
  MEDIA_S3_REGION: Type.String({ default: 'us-east-1', description: 'region of the bucket' }),
  MEDIA_S3_BUCKET: Type.Optional(Type.String({ description: 'bucket for the files of messages' })),
  MEDIA_S3_ACCESS_KEY_ID: Type.Optional(Type.String({ description: 'a key that may read, write and delete there' })),
  MEDIA_S3_SECRET_ACCESS_KEY: Type.Optional(Type.String({ description: 'the secret of that key' })),
  MEDIA_FILE_MEGABYTES_MAX: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 25,
    description: 'the largest file of a message that is kept; ingest needs up to five times as much memory',
  }),
  MEDIA_WORKSPACE_GIGABYTES_MAX: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'what the files of a workspace may take together' }),
  ),
  MEDIA_KEPT_DAYS: Type.Optional(
    Type.Integer({ minimum: 1, description: 'how long files are kept; default: as long as their messages' }),
  ),
};

type IngestValues = Static<TObject<Omit<typeof ingestVariables, 'INGEST_PORT' | 'PUBLIC_WEBHOOK_URL'>>>;

const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

function mediaIn(values: IngestValues): MediaOptions {
  const { MEDIA_WORKSPACE_GIGABYTES_MAX: workspaceMax } = values;
  return {
    store: bucketIn(values) ?? { directory: resolve(values.MEDIA_DIRECTORY) },
    bytesMax: values.MEDIA_FILE_MEGABYTES_MAX * megabyte,
    tenantBytesMax: workspaceMax === undefined ? null : Math.floor(workspaceMax * gigabyte),
    keptDays: values.MEDIA_KEPT_DAYS ?? null,
  };
}

function bucketIn(values: IngestValues): S3Options | null {
  const { MEDIA_S3_ENDPOINT: endpoint, MEDIA_S3_BUCKET: bucket, MEDIA_S3_REGION: region } = values;
  const { MEDIA_S3_ACCESS_KEY_ID: accessKeyId, MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  const given = [endpoint, bucket, accessKeyId, secretAccessKey].filter((value) => value !== undefined);
  if (given.length === 0) return null;
  if (endpoint !== undefined && bucket !== undefined && accessKeyId !== undefined && secretAccessKey !== undefined)
    return { endpoint, region, bucket, accessKeyId, secretAccessKey };
  throw new ConfigError(
    'wrong configuration: MEDIA_S3_ENDPOINT, MEDIA_S3_BUCKET, MEDIA_S3_ACCESS_KEY_ID and MEDIA_S3_SECRET_ACCESS_KEY go together: set all four or none',
  );
}

/** The settings of ingest, in any program. Unless configured, private addresses are allowed in a demo only. */
export function ingestSettingsIn(values: IngestValues, isDemo = false) {
  const { PLATFORM_TIMEOUT_SECONDS: timeout, READ_BACK_AFTER_SECONDS: readBackAfter } = values;
  const { AUTHORISATION_WARN_DAYS: warnDays } = values;
  return {
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? isDemo,
    syncEveryMs: values.SYNC_EVERY_SECONDS * 1_000,
    platformTimeoutMs: timeout * 1_000,
    readBackSettleMs: readBackAfter === undefined ? null : readBackAfter * 1_000,
    authorisationWarnDays: warnDays === undefined ? null : warnDays.split(',').map(Number),
    replyWaitMs: values.REPLY_WAIT_HOURS * 3_600_000,
    backfillDays: values.BACKFILL_DAYS,
    resyncPauseMs: values.RESYNC_PAUSE_SECONDS * 1_000,
    media: mediaIn(values),
    trustedProxies: listIn(values.TRUSTED_PROXIES),
  };
}

const schema = Type.Object({ ...serviceVariables, ...ingestVariables });

/** The settings of ingest as a separate process, from its environment. @throws ConfigError */
export function readIngestConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readEnvironment(schema, env);
  return {
    ...serviceSettingsIn('ingest', values, env),
    ingest: { publicWebhookUrl: values.PUBLIC_WEBHOOK_URL, ...ingestSettingsIn(values) },
    port: values.INGEST_PORT,
    unknownVariables: unknownVariables(schema, env),
  };
}
