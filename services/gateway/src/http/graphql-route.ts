import type { IncomingMessage } from 'node:http';
import { newId } from '@crossdesk/contracts';
import {
  type Logger,
  type OpenSpan,
  type RequestContext,
  traced,
  traceIdOf,
  withLogScope,
} from '@crossdesk/service-kit';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { createHandler, type Handler, type RequestParams, type Response } from 'graphql-http';
import type { Authenticator } from '../caller/authenticator.ts';
import { BadToken, type Identity } from '../caller/identity.ts';
import { codeOf, errorBody, type ErrorCode, internalError, refusal } from '../errors.ts';
import type { Federation } from '../federation/federation.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { givenTrace, untraced } from '../trace.ts';
import type { Entry } from '../graphql/entry.ts';

export interface GraphqlDeps {
  readonly federation: Federation;
  readonly entry: Entry;
  readonly auth: Authenticator;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  addressOf(request: IncomingMessage): string;
}

/** The data of one HTTP request while it is answered. */
interface Exchange {
  readonly requestId: string;
  readonly traceparent: string;
  readonly clientAddress: string;
  readonly userAgent: string;
  /** Aborts when the client goes away before its answer is sent. */
  readonly signal: AbortSignal;
  /** For metrics and traces: the kind of operation, its name, and how it ended. */
  operation: string;
  operationName: string | null;
  outcome: string;
}

type Asked = Parameters<Handler<FastifyRequest, Exchange>>[0];
type Outcome = Response | readonly GraphQLError[] | Awaited<ReturnType<Federation['execute']>>;

/** Answers /graphql by the GraphQL-over-HTTP specification; graphql-http reads requests and writes answers. */
export function createGraphqlRoute(deps: GraphqlDeps) {
  const { metrics, log } = deps;
  const handle = createHandler<FastifyRequest, Exchange>({
    schema: deps.federation.schema,
    onSubscribe: (request, params) => answer(deps, request, params),
    // A plain error is about the form of the request; graphql-http makes its text.
    formatError: (error) => (error instanceof GraphQLError ? error : refusal('BAD_REQUEST', error.message)),
  });

  const respond = async (request: FastifyRequest, reply: FastifyReply, { traceparent, note }: OpenSpan) => {
    const startedAt = performance.now();
    const exchange = beginExchange(deps, request, reply, traceparent ?? untraced());
    reply.header('x-request-id', exchange.requestId);
    const traceId = traceIdOf(exchange.traceparent) ?? '';
    return withLogScope({ requestId: exchange.requestId, traceId }, async () => {
      try {
        const { url, method, headers } = request;
        const body = typeof request.body === 'string' ? request.body : null;
        const [text, init] = await handle({ url, method, headers, body, raw: request, context: exchange });
        return await reply
          .code(init.status)
          .headers(init.headers ?? {})
          .send(text ?? '');
      } catch (err) {
        exchange.outcome = 'INTERNAL';
        log.error({ err }, 'request failed');
        return await reply
          .code(500)
          .type('application/json')
          .send(errorBody([internalError(exchange.requestId)]));
      } finally {
        const { operation, operationName, outcome } = exchange;
        note({ 'graphql.operation.type': operation, 'crossdesk.outcome': outcome });
        if (operationName !== null) note({ 'graphql.operation.name': operationName });
        metrics.requests.observe({ operation, outcome }, (performance.now() - startedAt) / 1_000);
      }
    });
  };
  return (request: FastifyRequest, reply: FastifyReply) =>
    traced({ name: 'gateway operation', kind: 'server' }, givenTrace(request.headers['traceparent']), (span) =>
      respond(request, reply, span),
    );
}

/** Browsers need about 150. */
const userAgentCharactersMax = 300;

function beginExchange(deps: GraphqlDeps, request: FastifyRequest, reply: FastifyReply, traceparent: string): Exchange {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client went away'));
  });
  return {
    requestId: newId(),
    traceparent,
    clientAddress: deps.addressOf(request.raw),
    userAgent: (request.headers['user-agent'] ?? '').slice(0, userAgentCharactersMax),
    signal: gone.signal,
    operation: 'none',
    operationName: null,
    outcome: 'BAD_REQUEST',
  };
}

async function answer(deps: GraphqlDeps, request: Asked, params: RequestParams): Promise<Outcome> {
  const exchange = request.context;
  const refuse = (errors: readonly GraphQLError[]): Outcome => {
    exchange.outcome = codeIn(errors);
    return refused(errors, request);
  };
  const identity = await identify(deps, request);
  if (identity instanceof GraphQLError) return refuse([identity]);
  const variables = params.variables ?? {};
  const operationName = params.operationName ?? null;
  const asker = { caller: identity.caller, address: exchange.clientAddress };
  const entered = deps.entry.enter(asker, { query: params.query, operationName, variables }, ({ definition }) => {
    exchange.operation = definition.operation;
    exchange.operationName = definition.name?.value ?? null;
    return unfit(definition.operation, request.method);
  });
  if (!entered.ok) return refuse(entered.errors);
  const result = await deps.federation.execute({
    document: entered.document,
    operationName,
    variables,
    context: contextOf(identity, exchange),
    signal: exchange.signal,
  });
  exchange.outcome = result.errors === undefined ? 'ok' : codeIn(result.errors);
  if (result.data === undefined) return result.errors ?? [internalError(exchange.requestId)];
  return { ...result, extensions: { cost: entered.charged } };
}

/** Why this transport does not take operations of a kind; null if it does. */
function unfit(kind: OperationTypeNode, method: string): GraphQLError | null {
  if (kind === OperationTypeNode.SUBSCRIPTION)
    return refusal(
      'BAD_REQUEST',
      'open a WebSocket with the graphql-transport-ws protocol at this address to subscribe',
    );
  return kind === OperationTypeNode.MUTATION && method === 'GET' ? mutationOverGet : null;
}

const mutationOverGet = refusal('BAD_REQUEST', 'send mutations by POST');

function contextOf(
  { caller }: Identity,
  { requestId, traceparent, clientAddress, userAgent }: Exchange,
): RequestContext {
  return { caller, requestId, traceparent, clientAddress, userAgent };
}

async function identify({ auth, entry, log }: GraphqlDeps, { raw, context }: Asked): Promise<Identity | GraphQLError> {
  try {
    return await auth.identify(raw.headers.authorization);
  } catch (cause) {
    if (cause instanceof BadToken) {
      const limited = entry.noteBadToken(context.clientAddress);
      return (
        limited ??
        refusal('UNAUTHENTICATED', 'this token is not valid: sign in again, or ask an admin for a new API token')
      );
    }
    log.error({ err: cause }, 'token could not be checked');
    return internalError(context.requestId);
  }
}

/** Refusals with an HTTP status of their own; graphql-http answers the others by the Accept header. */
function refused(errors: readonly GraphQLError[], { raw }: Asked): Outcome {
  const takesResponseJson = (raw.headers.accept ?? '').includes('application/graphql-response+json');
  const contentType = `application/${takesResponseJson ? 'graphql-response+json' : 'json'}; charset=utf-8`;
  const answered = (status: number, statusText: string, headers: Record<string, string>): Response => [
    errorBody(errors),
    { status, statusText, headers: { 'content-type': contentType, ...headers } },
  ];
  if (errors[0] === mutationOverGet) return answered(405, 'Method Not Allowed', { allow: 'POST' });
  const code = codeIn(errors);
  if (code === 'UNAUTHENTICATED') return answered(401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
  if (code !== 'RATE_LIMITED') return errors;
  const wait = errors[0]?.extensions['retryAfterSeconds'];
  return answered(429, 'Too Many Requests', { 'retry-after': typeof wait === 'number' ? String(wait) : '60' });
}

function codeIn([first]: readonly GraphQLError[]): ErrorCode {
  return (first === undefined ? null : codeOf(first)) ?? 'INTERNAL';
}
