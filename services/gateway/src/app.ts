import {
  addReading,
  type Broker,
  type Clock,
  contextKeyOf,
  createAddressReader,
  createForwarderCheck,
  createHttp,
  type Keys,
  limitBodies,
  limitConnections,
  type Logger,
  type Metrics,
  signedIn,
  type Subgraph,
} from '@crossdesk/service-kit';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Authenticator } from './caller/authenticator.ts';
import { errorBody, refusal } from './errors.ts';
import { openFederation } from './federation/federation.ts';
import { httpSource } from './federation/http-source.ts';
import { localSource } from './federation/local-source.ts';
import { type OwnFields, withOwnFields } from './federation/own-fields.ts';
import type { SubgraphSource } from './federation/subgraph-source.ts';
import { createAdmission } from './graphql/admission.ts';
import { createDocuments } from './graphql/documents.ts';
import { createEntry } from './graphql/entry.ts';
import { createGraphqlRoute } from './http/graphql-route.ts';
import { isAllowedOrigin } from './http/client.ts';
import { createExplorer } from './http/explorer.ts';
import { addHeaders } from './http/headers.ts';
import { silentSubgraphs } from './http/readiness.ts';
import type { GatewayLimits } from './limits.ts';
import { createEventAnswers } from './live/event-answers.ts';
import type { LiveStream, RunningStream } from './live/live-stream.ts';
import { createPresence } from './presence/presence.ts';
import { createPresenceStream } from './presence/presence-stream.ts';
import { serveLive } from './live/socket.ts';
import { createSubscriptionReader } from './live/subscribe.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { createOwnSubgraph } from './own-subgraph.ts';

export type SubgraphAddress =
  { readonly kind: 'local'; readonly subgraph: Subgraph } | { readonly kind: 'http'; readonly url: string };

export interface GatewayDeps {
  readonly supergraphSdl: string;
  readonly subgraphs: Readonly<Record<string, SubgraphAddress>>;
  /** Sign the context of requests to subgraphs of other processes, and seal cursors. */
  readonly keys: Keys;
  /** The streams that clients can subscribe to. */
  readonly streams: readonly LiveStream[];
  /** The log that live events come from. */
  readonly broker: Pick<Broker, 'tail' | 'bounds'>;
  readonly auth: Authenticator;
  readonly log: Logger;
  readonly clock: Clock;
  readonly limits: GatewayLimits;
  /** Whether browsers get GraphiQL at /graphql. */
  readonly explorer: boolean;
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  readonly corsOrigins: readonly string[];
  /** Addresses or networks of proxies; headers about the client's address count only from these. */
  readonly trustedProxies: readonly string[];
  /** The public keys of access tokens, as a JWK set. */
  jwks(): Promise<object>;
}

export interface Gateway {
  readonly http: FastifyInstance;
  readonly metrics: Metrics;
  /** The problems that keep it from working; empty = ready. */
  problems(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Builds the gateway; `http.listen` opens it for requests and sockets. */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const { limits, log, clock } = deps;
  const metrics = createGatewayMetrics();
  const presence = createPresence(clock);
  const sources = Object.entries(deps.subgraphs).map(([name, address]) => sourceOf(name, address, deps));
  const timeoutMs = limits.subgraphTimeoutMs;
  const own = localSource(createOwnSubgraph({ sources, timeoutMs, presence, log }));
  const { supergraphSdl } = deps;
  const federation = await openFederation({ supergraphSdl, sources: [...sources, own], timeoutMs, metrics, log });
  const { schema } = federation;
  const documents = createDocuments(schema, limits, deps.introspection);
  const answer = createEventAnswers(federation);
  const streams = deps.streams.map((stream) =>
    stream.start({ broker: deps.broker, cursorKey: deps.keys.of('gateway/cursors'), answer, limits, log, metrics }),
  );
  measureLag(metrics, streams);
  const http = createHttp(
    log,
    limits.bodyBytesMax,
    'the gateway, with the GraphQL API at /graphql, live over WebSocket too',
  );
  const shared = {
    entry: createEntry({ schema, documents, admission: createAdmission(limits), limits }),
    auth: deps.auth,
    addressOf: createAddressReader(deps.trustedProxies),
    metrics,
    log,
  };
  limitClients(http, deps, shared.addressOf);
  addHeaders(http, deps);
  mountGraphql(
    http,
    createGraphqlRoute({ ...shared, federation: withOwnFields(federation, cursorFieldsOf(streams), log) }),
    deps,
  );
  http.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(await deps.jwks()),
  );

  const stopLive = serveLive({
    ...shared,
    clock,
    limits,
    server: http.server,
    schema,
    read: createSubscriptionReader({
      ...shared,
      schema,
      documents,
      streams: [...streams, createPresenceStream({ presence, federation, log, metrics })],
      limits,
    }),
    isAllowedOrigin: (request) => isAllowedOrigin(request, deps),
  });
  return {
    http,
    metrics: metrics.base,
    async problems() {
      const silent = await silentSubgraphs(sources, limits.readinessTimeoutMs);
      return [...silent.map((name) => `${name} does not answer`), ...problemsOf(streams)];
    },
    async stop() {
      await stopLive();
      presence.stop();
      await http.close();
      for (const stream of streams) await stream.stop();
      await federation.stop();
    },
  };
}

/** The cursors to start from, which only the gateway knows. */
function cursorFieldsOf(streams: readonly RunningStream[]): OwnFields {
  return Object.fromEntries(
    streams.map(({ cursorField, cursorOf }) => [
      cursorField,
      (context, { from }) => cursorOf(signedIn(context).tenantId, from === 'OLDEST' ? 'OLDEST' : 'NOW'),
    ]),
  ) satisfies OwnFields;
}

function measureLag({ base }: GatewayMetrics, streams: readonly RunningStream[]): void {
  addReading(base, {
    name: 'crossdesk_live_tail_lag_records',
    help: 'Records not yet passed to live subscribers',
    labelNames: ['stream'],
    read: () =>
      Promise.all(streams.map(async ({ field, lag }) => ({ labels: { stream: field }, value: Number(await lag()) }))),
  });
}

function problemsOf(streams: readonly RunningStream[]): string[] {
  return streams.flatMap(({ field, problem }) => {
    const found = problem();
    return found === null ? [] : [`live events of ${field}: ${found}`];
  });
}

function sourceOf(name: string, address: SubgraphAddress, { keys, limits, clock }: GatewayDeps): SubgraphSource {
  if (address.kind === 'local') return localSource(address.subgraph);
  return httpSource({
    name,
    url: address.url,
    contextKey: contextKeyOf(keys, name),
    answerBytesMax: limits.subgraphAnswerBytesMax,
    timeoutMs: limits.subgraphTimeoutMs,
    clock,
  });
}

function limitClients(
  http: FastifyInstance,
  { limits, trustedProxies }: GatewayDeps,
  addressOf: (request: IncomingMessage) => string,
): void {
  limitConnections(http.server, {
    perAddressMax: limits.connectionsPerAddressMax,
    max: limits.connectionsMax,
    isExempt: createForwarderCheck(trustedProxies),
  });
  limitBodies(http, {
    bodyBytesMax: limits.bodyBytesMax,
    addressBytesMax: limits.bodyBytesPerAddressMax,
    bytesMax: limits.bodyBytesAtOnceMax,
    addressOf,
    refuse: (reply) => refuseBody(reply, limits.bodyBytesPerAddressMax),
  });
}

function refuseBody(reply: FastifyReply, limit: number): FastifyReply {
  const retryAfterSeconds = 5;
  const words = `too many large requests at once from this address; try again in ${retryAfterSeconds} s`;
  const problem = refusal('RATE_LIMITED', words, { unit: 'bytes', limit, retryAfterSeconds });
  return reply
    .code(429)
    .header('retry-after', retryAfterSeconds)
    .type('application/json')
    .send(errorBody([problem]));
}

function mountGraphql(http: FastifyInstance, route: ReturnType<typeof createGraphqlRoute>, deps: GatewayDeps): void {
  const explorer = deps.explorer ? createExplorer() : null;
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Bodies stay text: graphql-http reads them by content type.
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler(async (error: FastifyError, _request, reply) => {
      const { bodyBytesMax } = deps.limits;
      const isTooLarge = error.statusCode === 413;
      if (!isTooLarge) deps.log.warn({ err: error }, 'request could not be read');
      const problem = isTooLarge
        ? refusal('QUERY_TOO_LARGE', `the body is larger than ${bodyBytesMax} bytes`, {
            limit: bodyBytesMax,
            unit: 'bytes',
          })
        : refusal('BAD_REQUEST', 'this request cannot be read');
      return reply
        .code(error.statusCode ?? 400)
        .type('application/json')
        .send(errorBody([problem]));
    });
    scope.all('/graphql', async (request, reply) =>
      explorer !== null && explorer.isAskedFor(request) ? explorer.send(request, reply) : route(request, reply),
    );
  });
}
