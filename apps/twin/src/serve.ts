import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Call } from './call.ts';
import type { Platform, Shop } from './model.ts';
import type { Context } from './platform.port.ts';

/** The shop of a call with its token ("" without one), or the refusal. */
export type Entry =
  { readonly ok: true; readonly shop: Shop; readonly token: string } | { readonly ok: false; readonly answer: Answer };

/** How one host of a platform authenticates callers, and how it words the errors that every platform has. */
export interface Dialect {
  readonly platform: Platform;
  readonly prefix: string;
  /** Checks the signature, the token and everything else that the platform checks before it handles the call. */
  enter(context: Context, call: Call): Entry;
  tokenExpired(): Answer;
  rateLimited(): Answer;
  serverError(): Answer;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path after the prefix; `:name` becomes an entry of `params`, `*` matches any rest. */
  readonly path: string;
  /** Whether the route sends a message to a buyer: faults for the next send strike only there. */
  readonly isSend: boolean;
  handle(context: Context, shop: Shop, call: Call): Answer | Promise<Answer>;
}

export const retryAfterSeconds = '1';

export function registerRoutes(app: FastifyInstance, context: Context, dialect: Dialect, routes: readonly Route[]) {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: `${dialect.prefix}${route.path}`,
      handler: (request, reply) => serve(context, dialect, route, request, reply),
    });
  }
}

async function serve(
  context: Context,
  dialect: Dialect,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (context.faults.isDown(dialect.platform)) return cut(request, reply);
  const call = readCall(request, dialect.prefix);
  const entry = dialect.enter(context, call);
  if (!entry.ok) return give(reply, entry.answer);
  const fault = context.faults.forCall(dialect.platform, route.isSend);
  switch (fault) {
    case 'rate-limit':
      return give(reply, dialect.rateLimited());
    case 'server-error':
      return give(reply, dialect.serverError());
    case 'token-expired':
      context.tokens.kill(entry.token);
      return give(reply, dialect.tokenExpired());
    case 'execute-then-hang':
    case 'execute-then-reset': {
      const unheard = await route.handle(context, entry.shop, call);
      unheard.afterwards?.();
      return fault === 'execute-then-hang' ? reply.hijack() : cut(request, reply);
    }
    case null:
      return give(reply, await route.handle(context, entry.shop, call));
  }
}

function give(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.afterwards !== undefined) reply.raw.once('close', answer.afterwards);
  return reply
    .code(answer.status)
    .headers({ 'content-type': answer.contentType ?? 'application/json; charset=utf-8', ...answer.headers })
    .send(answer.body);
}

/** Ends the connection with a reset, as when a load balancer or the machine behind it fails. */
function cut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
  return reply;
}

function readCall(request: FastifyRequest, prefix: string): Call {
  const [path, query] = splitOnce(request.url.slice(prefix.length), '?');
  return {
    method: request.method,
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
    bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    params: readParams(request.params),
  };
}

function readParams(params: unknown): Record<string, string> {
  if (typeof params !== 'object' || params === null) return {};
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
