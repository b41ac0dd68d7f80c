import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId } from '@crossdesk/contracts';
import type { Caller, Clock, Logger, RequestContext } from '@crossdesk/service-kit';
import { type Context, CloseCode } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Authenticator } from '../caller/authenticator.ts';
import { BadToken, type Identity } from '../caller/identity.ts';
import { publicError, refusal } from '../errors.ts';
import type { Admission } from '../graphql/admission.ts';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { untraced } from '../trace.ts';
import type { InboxStream, StreamRequest } from './inbox-stream.ts';
import type { ReadSubscription } from './subscribe.ts';

export interface LiveSocketOptions {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly auth: Authenticator;
  readonly admission: Admission;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly clock: Clock;
  read: ReadSubscription;
  open(request: StreamRequest): InboxStream;
  addressOf(request: IncomingMessage): string;
  isAllowedOrigin(request: IncomingMessage): boolean;
}

type Params = { authorization?: unknown };
type Socket = Context<Params, Extra>;

interface Session {
  readonly caller: Caller;
  readonly timer: NodeJS.Timeout;
}

/** graphql-transport-ws at /graphql, in the same server as HTTP. Returns how to stop. */
export function serveLive(options: LiveSocketOptions): () => Promise<void> {
  const { limits, metrics, server, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.socketMessageBytesMax });
  const sessions = new WeakMap<Extra['socket'], Session>();
  const streams = new WeakMap<object, StreamRequest>();
  let isStopping = false;

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/graphql') return refuseUpgrade(socket, '404 Not Found');
    if (!options.isAllowedOrigin(request)) return refuseUpgrade(socket, '403 Forbidden');
    if (isStopping || sockets.clients.size >= limits.socketsMax)
      return refuseUpgrade(socket, '503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  }

  async function identify({ connectionParams, extra }: Socket): Promise<Identity | null> {
    const given = connectionParams?.authorization;
    try {
      const identity = await options.auth.identify(typeof given === 'string' ? given : undefined);
      return identity.caller.kind === 'anonymous' ? null : identity;
    } catch (cause) {
      if (!(cause instanceof BadToken)) log.error({ err: cause }, 'token of a socket could not be checked');
      else options.admission.noteBadToken(options.addressOf(extra.request));
      return null;
    }
  }

  /**
   * Closes with 4403 when the token ends: clients of graphql-ws reconnect after that code, with a new token, while they
   * give up after 4401.
   */
  function watch(context: Socket, { caller, expiresAt }: Identity): void {
    const { socket } = context.extra;
    if (socket.readyState !== socket.OPEN) return;
    const leftMs = expiresAt === null ? Infinity : expiresAt.getTime() - options.clock.now().getTime();
    const timer = setTimeout(
      () => {
        if (leftMs <= limits.tokenRecheckMs) return socket.close(CloseCode.Forbidden, 'Token expired');
        identify(context).then(
          (again) =>
            again === null ? socket.close(CloseCode.Forbidden, 'Token no longer holds') : watch(context, again),
          (err: unknown) => log.error({ err }, 'token of a socket could not be checked'),
        );
      },
      Math.max(Math.min(leftMs, limits.tokenRecheckMs), 0),
    );
    timer.unref();
    sessions.set(socket, { caller, timer });
  }

  const live = useServer<Params>(
    {
      isProd: true,
      schema: options.schema,
      connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
      async onConnect(context) {
        const identity = await identify(context);
        if (identity === null) return false;
        watch(context, identity);
        return true;
      },
      onClose: ({ extra }) => clearTimeout(sessions.get(extra.socket)?.timer),
      onSubscribe(context, _id, { query, operationName, variables }) {
        const session = sessions.get(context.extra.socket);
        const request = requestContextOf(
          session?.caller ?? { kind: 'anonymous' },
          options.addressOf(context.extra.request),
        );
        try {
          if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocketMax) throw tooMany(limits);
          const payload = { query, operationName: operationName ?? null, variables: variables ?? {} };
          const stream = options.read(payload, request);
          const args: ExecutionArgs = {
            schema: options.schema,
            document: stream.query.subscription.ast,
            operationName: payload.operationName,
          };
          streams.set(args, stream);
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
        const request = streams.get(args);
        if (request === undefined) throw new Error('a subscription was started that was not read');
        return options.open(request);
      },
      execute: () => {
        throw new Error('sockets take subscriptions only');
      },
    },
    sockets,
    limits.keepAliveMs,
  );

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

function requestContextOf(caller: Caller, clientAddress: string): RequestContext {
  return { caller, requestId: newId(), traceparent: untraced(), clientAddress };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function tooMany({ subscriptionsPerSocketMax }: GatewayLimits): GraphQLError {
  return refusal(
    'TOO_MANY_SUBSCRIPTIONS',
    `at most ${subscriptionsPerSocketMax} subscriptions per socket: complete one or open another socket`,
    {
      limit: subscriptionsPerSocketMax,
      unit: 'subscriptions',
    },
  );
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
