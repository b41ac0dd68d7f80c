import { platformTimesIn, platformVariables } from '@crossdesk/ingest';
import { ConfigError, outboxKeptMonths, readEnvironment, tracingIn, tracingVariables } from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const port = (value: number, what: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: value, description: what });

const schema = Type.Object({
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      description:
        'another Postgres 18 than the built-in one: postgres://user:password@host:port/database, with rights to create roles and schemas',
    }),
  ),
  CROSSDESK_SECRET: Type.Optional(
    Type.String({
      minLength: 43,
      description: 'at least 32 random bytes in base64; made and kept in the data folder when not set',
    }),
  ),
  DATA_DIRECTORY: Type.String({ default: '.data', description: 'where the built-in Postgres and the secret lie' }),
  HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  GATEWAY_PORT: port(4000, 'port of the GraphQL endpoint'),
  INGEST_PORT: port(4001, 'port of the webhooks'),
  TWIN_PORT: port(4002, 'port of the simulated platforms'),
  PUBLIC_WEBHOOK_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^ ]*[^/ ]$',
      description: 'where platforms reach the webhooks, without a slash at the end',
    }),
  ),
  ALLOW_PRIVATE_ADDRESSES: Type.Optional(
    Type.Boolean({ description: 'lets channel accounts point to this machine or network' }),
  ),
  OUTBOX_KEPT_MONTHS: outboxKeptMonths,
  DEMO_MESSAGES_PER_MINUTE: Type.Integer({ minimum: 0, maximum: 6_000, default: 20 }),
  TWIN_SEED: Type.String({ default: 'demo' }),
  SYNC_EVERY_SECONDS: Type.Integer({ minimum: 1, default: 60 }),
  ...platformVariables,
  OIDC_ISSUER: Type.Optional(
    Type.String({ description: 'an external OpenID provider whose access tokens count instead of our own' }),
  ),
  OIDC_AUDIENCE: Type.Optional(Type.String()),
  OIDC_JWKS_URL: Type.Optional(Type.String({ pattern: '^https?://' })),
  OIDC_TENANT_CLAIM: Type.String({ default: 'tenant' }),
  OIDC_ROLE_CLAIM: Type.String({ default: 'role' }),
  LOG_LEVEL: Type.Union(
    [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'), Type.Literal('silent')],
    {
      default: 'warn',
      description: 'debug, info, warn, error or silent',
    },
  ),
  ...tracingVariables,
});

export type StandaloneConfig = ReturnType<typeof readStandaloneConfig>;

/** Command line and environment of `start`. @throws ConfigError naming every problem */
export function readStandaloneConfig(
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
) {
  const values = readEnvironment(schema, env);
  return {
    isDemo: !readFlags(args).empty,
    databaseUrl: values.DATABASE_URL ?? null,
    secret: values.CROSSDESK_SECRET ?? null,
    dataDirectory: resolve(values.DATA_DIRECTORY),
    host: values.HOST,
    ports: { gateway: values.GATEWAY_PORT, ingest: values.INGEST_PORT, twin: values.TWIN_PORT },
    publicWebhookUrl: values.PUBLIC_WEBHOOK_URL ?? null,
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? null,
    messagesPerMinute: values.DEMO_MESSAGES_PER_MINUTE,
    twinSeed: values.TWIN_SEED,
    syncEveryMs: values.SYNC_EVERY_SECONDS * 1_000,
    ...platformTimesIn(values),
    oidc: readOidc(values),
    logLevel: values.LOG_LEVEL,
    tracing: tracingIn(values),
    outboxKeptMonths: values.OUTBOX_KEPT_MONTHS ?? null,
  };
}

function readFlags(args: readonly string[]): { empty: boolean } {
  try {
    // pnpm hands on the dashes that part its own options from ours.
    const { values } = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: { empty: { type: 'boolean', default: false } },
    });
    return { empty: values.empty };
  } catch {
    throw new ConfigError('unknown option: start takes --empty (no demo, no twin) and nothing else');
  }
}

function readOidc(values: {
  OIDC_ISSUER?: string;
  OIDC_AUDIENCE?: string;
  OIDC_JWKS_URL?: string;
  OIDC_TENANT_CLAIM: string;
  OIDC_ROLE_CLAIM: string;
}) {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = values;
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) return null;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) {
    throw new ConfigError(
      'wrong configuration: OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL belong together: set all three or none',
    );
  }
  return {
    issuer,
    audience,
    jwksUrl: new URL(jwksUrl),
    tenantClaim: values.OIDC_TENANT_CLAIM,
    roleClaim: values.OIDC_ROLE_CLAIM,
  };
}
