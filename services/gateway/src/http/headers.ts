import type { FastifyInstance } from 'fastify';
import type { OriginRules } from './client.ts';

const preflightSecondsMax = 600;

/** Security headers on every answer, and CORS for pages of the listed sites. */
export function addHeaders(http: FastifyInstance, { corsOrigins }: OriginRules): void {
  http.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    const { origin } = request.headers;
    if (corsOrigins.length > 0) reply.header('vary', 'Origin');
    const isListed = origin !== undefined && corsOrigins.includes(origin);
    if (isListed) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, retry-after',
      });
    }
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      if (!isListed) return reply.code(403).send();
      return reply
        .code(204)
        .headers({
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': askedHeaders(request.headers['access-control-request-headers']),
          'access-control-max-age': String(preflightSecondsMax),
        })
        .send();
    }
  });
}

const headerNames = /^[\w!#$%&'*+.^`|~-]+(?: ?, ?[\w!#$%&'*+.^`|~-]+)*$/;
const headerCharactersMax = 2_000;

/** A listed site may send any header: clients add their own for tracing, and none of them has a meaning here. */
function askedHeaders(asked = ''): string {
  const isList = asked.length <= headerCharactersMax && headerNames.test(asked);
  return isList ? asked : 'authorization, content-type, traceparent';
}
