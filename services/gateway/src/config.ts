import {
  brokerVariables,
  ConfigError,
  httpUrlVariable,
  kafkaIn,
  type KafkaOptions,
  type Keys,
  listIn,
  portVariable,
  processSettingsIn,
  processVariables,
  publicVariables,
  readEnvironment,
  serviceVariables,
  type TracingOptions,
  unknownVariables,
} from '@crossdesk/service-kit';
import { FormatRegistry, type Static, type TObject, Type } from '@sinclair/typebox';
import { defaultLimits, type GatewayLimits } from './limits.ts';

FormatRegistry.Set('origins', (text) => listIn(text).every((part) => originIn(part) !== null));

/** Variables of every program that includes the gateway. */
export const gatewayVariables = {
  ...publicVariables,
  GATEWAY_PORT: portVariable(4000, 'port of the GraphQL endpoint'),
  GATEWAY_EXPLORER: Type.Optional(
    Type.Boolean({ description: 'GraphiQL for browsers at /graphql; default: in a demo' }),
  ),
  GATEWAY_INTROSPECTION: Type.Optional(
    Type.Boolean({ description: 'clients may read the schema; default: in a demo' }),
  ),
  GATEWAY_COST_PER_MINUTE_MAX: Type.Integer({ minimum: 1, default: defaultLimits.costPerMinuteMax }),
  GATEWAY_COST_MAX: Type.Integer({ minimum: 1, default: defaultLimits.costMax }),
  GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 300,
    default: defaultLimits.subgraphTimeoutMs / 1_000,
    description:
      'how long a service may take to answer its part of a query; one that answers nothing for a tenth of it is skipped',
  }),
  CORS_ORIGINS: Type.String({
    default: '',
    format: 'origins',
    description: 'sites whose pages may call, separated by commas: https://desk.example.com',
  }),
  OIDC_ISSUER: Type.Optional(
    httpUrlVariable('an OpenID provider whose access tokens are taken instead of those of signIn'),
  ),
  OIDC_AUDIENCE: Type.Optional(Type.String({ description: 'this API, as the provider names it' })),
  OIDC_JWKS_URL: Type.Optional(httpUrlVariable('public keys of the provider')),
  OIDC_TOKEN_TYPE: Type.String({
    default: 'at+jwt',
    description:
      'the `typ` in the header of its access tokens (RFC 9068); JWT if the provider gives them no better one',
  }),
  OIDC_TENANT_CLAIM: Type.String({ default: 'tenant', description: 'claim with the workspace id' }),
  OIDC_ROLE_CLAIM: Type.String({ default: 'role', description: 'claim with agent, supervisor or admin' }),
};

type GatewayValues = Static<TObject<typeof gatewayVariables>>;

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: URL;
  readonly tokenType: string;
  readonly tenantClaim: string;
  readonly roleClaim: string;
}

/** The configuration of the gateway in any program. */
export interface GatewaySettings {
  readonly explorer: boolean;
  readonly introspection: boolean;
  readonly limits: GatewayLimits;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Null while people sign in with Crossdesk itself. */
  readonly oidc: OidcConfig | null;
}

/**
 * Unless configured, the schema is shown in a demo only.
 * @throws ConfigError for an incomplete OpenID provider
 */
export function gatewaySettingsIn(values: GatewayValues, isDemo = false): GatewaySettings {
  const { GATEWAY_COST_MAX: costMax, GATEWAY_COST_PER_MINUTE_MAX: costPerMinuteMax } = values;
  const subgraphTimeoutMs = values.GATEWAY_SUBGRAPH_TIMEOUT_SECONDS * 1_000;
  return {
    explorer: values.GATEWAY_EXPLORER ?? isDemo,
    introspection: values.GATEWAY_INTROSPECTION ?? isDemo,
    limits: { ...defaultLimits, costMax, costPerMinuteMax, subgraphTimeoutMs },
    corsOrigins: listIn(values.CORS_ORIGINS).map((part) => originIn(part) ?? part),
    trustedProxies: listIn(values.TRUSTED_PROXIES),
    oidc: oidcIn(values),
  };
}

const schema = Type.Object({
  ...processVariables,
  DATABASE_URL: Type.Optional(serviceVariables.DATABASE_URL),
  ...brokerVariables,
  ...gatewayVariables,
  INGEST_GRAPHQL_URL: httpUrlVariable('where services/ingest answers'),
  CONVERSATION_GRAPHQL_URL: httpUrlVariable('where services/conversation answers'),
  CRM_GRAPHQL_URL: httpUrlVariable('where services/crm answers'),
  AUTOMATION_GRAPHQL_URL: httpUrlVariable('where services/automation answers'),
  ANALYTICS_GRAPHQL_URL: httpUrlVariable('where services/analytics answers'),
});

export interface GatewayConfig extends GatewaySettings {
  readonly keys: Keys;
  /** The source of live events: a cluster, or the Postgres that holds the embedded log. */
  readonly kafka: KafkaOptions | null;
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  readonly logLevel: string;
  readonly tracing: TracingOptions | null;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** Where services/conversation publishes the keys of access tokens. */
  readonly jwksUrl: URL;
  /** Where services/conversation answers questions about tokens. */
  readonly conversationUrl: URL;
  readonly unknownVariables: readonly string[];
}

/** Reads the configuration for the gateway as its own process. @throws ConfigError */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const values = readEnvironment(schema, env);
  return {
    ...processSettingsIn('gateway', values, env),
    ...logIn(values),
    ...gatewaySettingsIn(values),
    port: values.GATEWAY_PORT,
    subgraphUrls: {
      ingest: values.INGEST_GRAPHQL_URL,
      conversation: values.CONVERSATION_GRAPHQL_URL,
      crm: values.CRM_GRAPHQL_URL,
      automation: values.AUTOMATION_GRAPHQL_URL,
      analytics: values.ANALYTICS_GRAPHQL_URL,
    },
    jwksUrl: new URL('/.well-known/jwks.json', values.CONVERSATION_GRAPHQL_URL),
    conversationUrl: new URL(values.CONVERSATION_GRAPHQL_URL),
    unknownVariables: unknownVariables(schema, env),
  };
}

/** The gateway has no database of its own; it needs one only to read the embedded log. */
function logIn(values: Static<typeof schema>): Pick<GatewayConfig, 'kafka' | 'databaseUrl'> {
  const kafka = kafkaIn(values);
  if (kafka === null && values.DATABASE_URL === undefined)
    throw new ConfigError('wrong configuration: set KAFKA_BROKERS, or DATABASE_URL where the log is the embedded one');
  return { kafka, databaseUrl: values.DATABASE_URL ?? '' };
}

function oidcIn(values: GatewayValues): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = values;
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
    tokenType: values.OIDC_TOKEN_TYPE,
    tenantClaim: values.OIDC_TENANT_CLAIM,
    roleClaim: values.OIDC_ROLE_CLAIM,
  };
}

/** A site as browsers spell it in `Origin`; null for any other text. */
function originIn(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, href } = new URL(text);
  const isSite = (protocol === 'https:' || protocol === 'http:') && href === `${origin}/`;
  return isSite ? origin : null;
}

/** The environment of this process. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * Apollo's gateway reports anonymous usage to Apollo unless this variable is set when it is created. Our gateway
 * connects only to its subgraphs.
 */
export function silenceVendorTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
}
