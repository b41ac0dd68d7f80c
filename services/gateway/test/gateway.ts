import { randomBytes } from 'node:crypto';
import { type Caller, createHealth, keysOf, systemClock } from '@crossdesk/service-kit';
import { createGateway, type GatewayDeps } from '../src/app.ts';
import { createOwnTokenVerifier, ownIssuer } from '../src/caller/access-token.ts';
import { createApiTokenCheck } from '../src/caller/api-token.ts';
import { createAuthenticator } from '../src/caller/authenticator.ts';
import { createStandingCheck } from '../src/caller/standing.ts';
import { defaultLimits } from '../src/limits.ts';
import { liveStreams } from '../src/live/streams/streams.ts';
import { createMemoryLog } from './memory-log.ts';
import { type KnownEvents, localSubgraphs, quietLog, serviceNames, supergraphSdl } from './services.ts';
import { createIssuer, type Person, person } from './tokens.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The `extensions` of the whole answer. */
  readonly extensions: unknown;
  readonly body: {
    data?: Record<string, unknown> | null;
    errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
  };
}

/** The keys of every gateway of the tests. */
export const keys = keysOf(randomBytes(32));
export const cursorKey = keys.of('gateway/cursors');

export interface StartOptions extends Partial<GatewayDeps> {
  readonly knownEvents?: KnownEvents;
  readonly apiTokens?: Readonly<Record<string, Caller>>;
}

function usualSubgraphs(knownEvents?: KnownEvents): GatewayDeps['subgraphs'] {
  const local = localSubgraphs(knownEvents);
  return Object.fromEntries(serviceNames.map((name) => [name, { kind: 'local', subgraph: local[name] } as const]));
}

/** A gateway over subgraphs in memory, listening at a free port. */
export async function startGateway({ knownEvents, apiTokens = {}, subgraphs, ...overrides }: StartOptions = {}) {
  const issuer = await createIssuer();
  const log = createMemoryLog();
  const auth = createAuthenticator({
    accessToken: createOwnTokenVerifier({ ...ownIssuer, keys: issuer.keySet, clock: systemClock }),
    apiToken: createApiTokenCheck(async (token) => apiTokens[token] ?? null),
    standing: createStandingCheck(async () => ({ isActive: true, epoch: 0 })),
  });
  const gateway = await createGateway({
    supergraphSdl,
    subgraphs: subgraphs ?? usualSubgraphs(knownEvents),
    keys,
    streams: liveStreams,
    broker: log.broker,
    auth,
    log: quietLog,
    clock: systemClock,
    limits: defaultLimits,
    explorer: true,
    introspection: true,
    corsOrigins: [],
    trustedProxies: [],
    jwks: async () => ({ keys: [issuer.publicJwk] }),
    ...overrides,
  });
  const origin = await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { metrics, problems } = gateway;
  const health = createHealth({ service: 'gateway', log: quietLog, metrics: [metrics], problems });
  const healthOrigin = await health.listen({ host: '127.0.0.1', port: 0 });
  const agent = person();
  const token = await issuer.tokenFor(agent);

  return {
    gateway,
    issuer,
    log,
    origin,
    healthOrigin,
    agent,
    tokenFor: (who: Person, expiresAt?: Date | string) => issuer.tokenFor(who, expiresAt),
    url: `${origin}/graphql`,
    async send(body: unknown, headers: Record<string, string> = { authorization: `Bearer ${token}` }): Promise<Reply> {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const { extensions, ...rest } = JSON.parse((await response.text()) || '{}') as Reply['body'] &
        Pick<Reply, 'extensions'>;
      return { status: response.status, headers: response.headers, body: rest, extensions };
    },
    async ask(query: string, variables?: Record<string, unknown>): Promise<Reply> {
      return this.send({ query, variables });
    },
    async stop() {
      await gateway.stop();
      await health.close();
    },
  };
}
export type TestGateway = Awaited<ReturnType<typeof startGateway>>;
