import {
  brokerVariables,
  ConfigError,
  kafkaIn,
  type KafkaOptions,
  parseMasterSecret,
  readEnvironment,
  tracingIn,
  type TracingOptions,
  tracingVariables,
} from '@crossdesk/service-kit';
import { type Static, Type } from '@sinclair/typebox';
import { defaultLimits, type GatewayLimits } from './limits.ts';

const Url = (description: string) => Type.String({ pattern: '^https?://', description });

const GatewayEnvironment = Type.Object({
  CROSSDESK_SECRET: Type.String({
    description: 'the master secret, 32 bytes or more in base64, the same for every service',
  }),
  DATABASE_URL: Type.Optional(
    Type.String({ pattern: '^postgres(ql)?://', description: 'Postgres that holds the embedded log' }),
  ),
  ...brokerVariables,
  ...tracingVariables,
  GATEWAY_HOST: Type.String({ default: '127.0.0.1', description: 'address to listen at' }),
  GATEWAY_PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 4000 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  GATEWAY_EXPLORER: Type.Boolean({ default: true, description: 'GraphiQL for browsers at /graphql' }),
  GATEWAY_INTROSPECTION: Type.Boolean({ default: true, description: 'clients may read the schema' }),
  GATEWAY_COST_PER_MINUTE_MAX: Type.Integer({ minimum: 1, default: defaultLimits.costPerMinuteMax }),
  GATEWAY_COST_MAX: Type.Integer({ minimum: 1, default: defaultLimits.costMax }),
  GATEWAY_TRUSTED_PROXIES: Type.String({
    default: '',
    description: 'networks of proxies, separated by commas: 10.0.0.0/8',
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    description: 'sites whose pages may call, separated by commas: https://desk.example.com',
  }),
  INGEST_GRAPHQL_URL: Url('where services/ingest answers'),
  CONVERSATION_GRAPHQL_URL: Url('where services/conversation answers'),
  CRM_GRAPHQL_URL: Url('where services/crm answers'),
  AUTOMATION_GRAPHQL_URL: Url('where services/automation answers'),
  ANALYTICS_GRAPHQL_URL: Url('where services/analytics answers'),
  OIDC_ISSUER: Type.Optional(Url('an OpenID provider whose access tokens are taken instead of those of signIn')),
  OIDC_AUDIENCE: Type.Optional(Type.String({ description: 'this API, as the provider names it' })),
  OIDC_JWKS_URL: Type.Optional(Url('public keys of the provider')),
  OIDC_TENANT_CLAIM: Type.String({ default: 'tenant', description: 'claim with the workspace id' }),
  OIDC_ROLE_CLAIM: Type.String({ default: 'role', description: 'claim with agent, supervisor or admin' }),
});

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: URL;
  readonly tenantClaim: string;
  readonly roleClaim: string;
}

export interface GatewayConfig {
  readonly master: Buffer;
  /** Where the live events come from: a cluster, or the Postgres that holds the embedded log. */
  readonly kafka: KafkaOptions | null;
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly tracing: TracingOptions | null;
  readonly explorer: boolean;
  readonly introspection: boolean;
  readonly limits: GatewayLimits;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** Where services/conversation publishes the keys of access tokens. */
  readonly jwksUrl: URL;
  /** Where services/conversation answers questions about tokens. */
  readonly conversationUrl: URL;
  /** Null while people sign in with Crossdesk itself. */
  readonly oidc: OidcConfig | null;
}

/** Reads what the gateway needs to run as its own process. @throws ConfigError */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const read = readEnvironment(GatewayEnvironment, env);
  return {
    master: parseMasterSecret(read.CROSSDESK_SECRET),
    ...logIn(read),
    host: read.GATEWAY_HOST,
    port: read.GATEWAY_PORT,
    logLevel: read.LOG_LEVEL,
    tracing: tracingIn(read),
    explorer: read.GATEWAY_EXPLORER,
    introspection: read.GATEWAY_INTROSPECTION,
    limits: { ...defaultLimits, costMax: read.GATEWAY_COST_MAX, costPerMinuteMax: read.GATEWAY_COST_PER_MINUTE_MAX },
    corsOrigins: listIn(read.CORS_ORIGINS),
    trustedProxies: listIn(read.GATEWAY_TRUSTED_PROXIES),
    subgraphUrls: {
      ingest: read.INGEST_GRAPHQL_URL,
      conversation: read.CONVERSATION_GRAPHQL_URL,
      crm: read.CRM_GRAPHQL_URL,
      automation: read.AUTOMATION_GRAPHQL_URL,
      analytics: read.ANALYTICS_GRAPHQL_URL,
    },
    jwksUrl: new URL('/.well-known/jwks.json', read.CONVERSATION_GRAPHQL_URL),
    conversationUrl: new URL(read.CONVERSATION_GRAPHQL_URL),
    oidc: oidcIn(read),
  };
}

/** The gateway has no database of its own; it needs one only to read the embedded log. */
function logIn(read: Static<typeof GatewayEnvironment>): Pick<GatewayConfig, 'kafka' | 'databaseUrl'> {
  const kafka = kafkaIn(read);
  if (kafka === null && read.DATABASE_URL === undefined)
    throw new ConfigError('wrong configuration: set KAFKA_BROKERS, or DATABASE_URL where the log is the embedded one');
  return { kafka, databaseUrl: read.DATABASE_URL ?? '' };
}

function oidcIn(read: Static<typeof GatewayEnvironment>): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = read;
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) return null;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) {
    throw new ConfigError(
      'wrong configuration: OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL go together: set all three or none',
    );
  }
  return {
    issuer,
    audience,
    jwksUrl: new URL(jwksUrl),
    tenantClaim: read.OIDC_TENANT_CLAIM,
    roleClaim: read.OIDC_ROLE_CLAIM,
  };
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The environment of this process. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * Apollo's gateway reports anonymous usage to Apollo unless this variable is set when it is created. Ours talks to nobody
 * but its subgraphs.
 */
export function silenceVendorTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
}
