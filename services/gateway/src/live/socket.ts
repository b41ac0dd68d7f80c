import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId } from '@crossdesk/contracts';
import type { Caller, RequestContext } from '@crossdesk/service-kit';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { publicError, refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { untraced } from '../trace.ts';
import { createSessions, type Params, type SessionDeps } from './sessions.ts';
import type { ReadSubscription, Subscribing } from './subscribe.ts';

export interface LiveSocketOptions extends SessionDeps {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly metrics: Pick<GatewayMetrics, 'sockets'>;
  read: ReadSubscription;
  isAllowedOrigin(request: IncomingMessage): boolean;
}

/** graphql-transport-ws at /graphql, in the same server as HTTP. Returns a function that stops it. */
export function serveLive(options: LiveSocketOptions): () => Promise<void> {
  const { limits, metrics, server } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.socketMessageBytesMax });
  let isStopping = false;

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/graphql') return refuseUpgrade(socket, '404 Not Found');
    if (!options.isAllowedOrigin(request))
      return refuseUpgrade(socket, '403 Forbidden', 'list this site in CORS_ORIGINS');
    if (isStopping || sockets.clients.size >= limits.socketsMax)
      return refuseUpgrade(socket, '503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  }

  const live = useServer<Params>(protocolOf(options), sockets, limits.keepAliveMs);
  sockets.on('connection', (socket) => {
    metrics.sockets.inc();
    socket.once('close', () => metrics.sockets.dec());
  });
  server.on('upgrade', onUpgrade);
  return async () => {
    isStopping = true;
    server.off('upgrade', onUpgrade);
    await live.dispose();
  };
}

type Protocol = Parameters<typeof useServer<Params>>[0];

/** The callbacks that graphql-ws calls during the life of a socket. */
function protocolOf(options: LiveSocketOptions): Protocol {
  const { limits, schema, log } = options;
  const sessions = createSessions(options);
  const subscriptions = new WeakMap<object, Subscribing>();

  return {
    isProd: true,
    schema,
    connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
    onConnect: (context) => sessions.open(context),
    onClose: (context) => sessions.close(context),
    onSubscribe(context, _id, { query, operationName = null, variables }) {
      const request = requestContextOf(sessions.callerOf(context), options.addressOf(context.extra.request));
      try {
        if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocketMax) throw tooMany(limits);
        const subscribing = options.read({ query, operationName, variables: variables ?? {} }, request);
        const args: ExecutionArgs = { schema, document: subscribing.document, operationName };
        subscriptions.set(args, subscribing);
        return args;
      } catch (cause) {
        const error =
          cause instanceof GraphQLError
            ? cause
            : new GraphQLError('subscribing failed', { originalError: asError(cause) });
        return [publicError(error, { log, requestId: request.requestId })];
      }
    },
    subscribe(args) {
      const subscribing = subscriptions.get(args);
      if (subscribing === undefined) throw new Error('a subscription was started before it was read');
      return subscribing.open();
    },
    execute: () => {
      throw new Error('sockets take subscriptions only');
    },
  };
}

function requestContextOf(caller: Caller, clientAddress: string): RequestContext {
  return { caller, requestId: newId(), traceparent: untraced(), clientAddress, userAgent: '' };
}

function refuseUpgrade(socket: Duplex, status: string, reason = ''): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
  );
}

function tooMany({ subscriptionsPerSocketMax }: GatewayLimits): GraphQLError {
  return refusal(
    'TOO_MANY_SUBSCRIPTIONS',
    `at most ${subscriptionsPerSocketMax} subscriptions per socket: complete one or open another socket`,
    { limit: subscriptionsPerSocketMax, unit: 'subscriptions' },
  );
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
