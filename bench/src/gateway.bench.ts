import { type AgentId, parseId, serviceNames, type TenantId } from '@crossdesk/contracts';
import {
  createApiTokenCheck,
  createAuthenticator,
  createGateway,
  createOwnTokenVerifier,
  createStandingCheck,
  defaultLimits,
  type Gateway,
  liveStreams,
  ownIssuer,
  readSupergraph,
  type SubgraphAddress,
} from '@crossdesk/gateway';
import {
  contextHeader,
  contextKeyOf,
  createHttp,
  mountSubgraph,
  type RequestContext,
  signContext,
} from '@crossdesk/service-kit';
import { createLocalJWKSet, decodeJwt } from 'jose';
import { Pool } from 'undici';
import { type Figure, percentile, rounded } from './figures.ts';
import { sendFrom } from './sending.ts';
import { type StandaloneSystem, startSystem } from './system.ts';

const rounds = 600;
const query = `query Inbox { conversations(first: 25) { edges { node { id number state buyerName waitingSince lastMessagePreview unreadCount version
  messages(first: 5) { edges { node { id direction kind text occurredAt } } } } } pageInfo { hasNextPage endCursor } } }`;

/**
 * The same fields of the same rows, requested from the conversation service and from the gateway. All requests use HTTP
 * and the same client, so that the difference is caused by the gateway.
 */
export async function benchGateway(): Promise<Figure[]> {
  const system = await startSystem();
  const { conversation } = system.standalone;
  const contextKey = contextKeyOf(conversation.runtime.keys, 'conversation');
  const servers: { close(): Promise<unknown> }[] = [];
  try {
    await sendFrom({
      ...system.webhook,
      count: 1_000,
      connections: 32,
      perSecond: null,
      threads: 100,
      run: 'gateway',
    });
    await system.settled(1_000);
    const direct = createHttp(conversation.runtime.log, 1_000_000, 'a bench');
    mountSubgraph(direct, conversation.subgraph, contextKey);
    const directOrigin = await direct.listen({ port: 0, host: '127.0.0.1' });
    const inProcess = await gatewayTo(system, (name) => ({
      kind: 'local',
      subgraph: { ...conversation.subgraph, name },
    }));
    const overHttp = await gatewayTo(system, () => ({ kind: 'http', url: `${directOrigin}/graphql` }));
    servers.push({ close: overHttp.stop }, { close: inProcess.stop }, direct);

    const body = JSON.stringify({ query });
    const context: RequestContext = {
      caller: callerOf(system.token),
      requestId: 'bench',
      traceparent: '',
      clientAddress: '127.0.0.1',
      userAgent: '',
    };
    const bearer = () => ({ authorization: `Bearer ${system.token}` });
    const [alone = 0, local = 0, remote = 0] = await medians(
      [
        {
          origin: directOrigin,
          headers: () => ({ [contextHeader]: signContext(contextKey, context, body, new Date()) }),
        },
        { origin: await inProcess.http.listen({ port: 0, host: '127.0.0.1' }), headers: bearer },
        { origin: await overHttp.http.listen({ port: 0, host: '127.0.0.1' }), headers: bearer },
      ],
      body,
    );
    return figuresOf(alone, local, remote);
  } finally {
    for (const server of servers) await server.close();
    await system.stop();
  }
}

/** Median milliseconds of a query: of the subgraph itself, and through a gateway in the same process and over HTTP. */
function figuresOf(alone: number, local: number, remote: number): Figure[] {
  const detail = `p50 ${rounded(local)} ms and ${rounded(remote)} ms against ${rounded(alone)} ms`;
  return [
    {
      name: 'gateway query p50, times the subgraph, in one process',
      value: local / alone,
      unit: 'x',
      target: '<= 1.3',
      isReached: local / alone <= 1.3,
      detail,
    },
    {
      name: 'gateway query p50, times the subgraph, over HTTP',
      value: remote / alone,
      unit: 'x',
      target: '<= 2',
      isReached: remote / alone <= 2,
      detail,
    },
  ];
}

/** A gateway that finds every subgraph at one address: the query needs only the conversation service. */
async function gatewayTo(
  { standalone: { conversation } }: StandaloneSystem,
  addressFor: (name: string) => SubgraphAddress,
): Promise<Gateway> {
  const { keys, broker, log, clock } = conversation.runtime;
  const accessToken = createOwnTokenVerifier({
    ...ownIssuer,
    keys: createLocalJWKSet(await conversation.jwks()),
    clock,
  });
  return createGateway({
    supergraphSdl: await readSupergraph(),
    subgraphs: Object.fromEntries(serviceNames.map((name) => [name, addressFor(name)])),
    keys,
    streams: liveStreams,
    broker,
    auth: createAuthenticator({
      accessToken,
      apiToken: createApiTokenCheck((token) => conversation.introspect(token)),
      standing: createStandingCheck(conversation.standingOf),
    }),
    log,
    clock,
    limits: { ...defaultLimits, costPerMinuteMax: Number.MAX_SAFE_INTEGER },
    explorer: false,
    introspection: false,
    corsOrigins: [],
    trustedProxies: [],
    jwks: () => conversation.jwks(),
  });
}

/** The caller of the access token, so that the subgraph can be called with the same identity. */
function callerOf(token: string): RequestContext['caller'] {
  const { sub, tenant } = decodeJwt<{ tenant: string }>(token);
  const [agentId, tenantId] = [parseId<AgentId>(sub ?? ''), parseId<TenantId>(tenant)];
  if (agentId === null || tenantId === null) throw new Error('the access token names no agent or tenant');
  return { kind: 'agent', agentId, tenantId, role: 'admin', authenticatedAtMs: Date.now() };
}

type Target = { readonly origin: string; readonly headers: () => Record<string, string> };

/** Asks the targets in turn, so that other work on the machine affects all of them equally. */
async function medians(targets: readonly Target[], body: string): Promise<number[]> {
  const pools = targets.map(({ origin }) => new Pool(origin, { connections: 1 }));
  const tookMs = targets.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { headers }] of targets.entries()) {
      const startedAt = performance.now();
      const answer = await pools[index]?.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers() },
        body,
      });
      const text = await answer?.body.text();
      if (answer?.statusCode !== 200 || text?.includes('"errors"'))
        throw new Error(`bench query failed: ${text?.slice(0, 300)}`);
      // The first third warms up plans, caches and the compiler.
      if (round > rounds / 3) tookMs[index]?.push(performance.now() - startedAt);
    }
  }
  await Promise.all(pools.map((pool) => pool.close()));
  return tookMs.map((values) => percentile(values, 0.5));
}
