import { fastify, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from '../runtime/log.ts';

const usualRequestMsMax = 30_000;

/**
 * A fastify server for the work of a service. Time limits keep slow senders from holding sockets: 10 s for headers, usually
 * 30 s for a request, checked every 5 s. Whoever opens `/` reads what the port is for.
 */
export function createHttp(
  log: Logger,
  bodyBytesMax: number,
  about: string,
  requestTimeout = usualRequestMsMax,
): FastifyInstance {
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Nothing is logged per request, so a logger for each request would be created in vain.
    childLoggerFactory: (parent) => parent,
    bodyLimit: bodyBytesMax,
    requestTimeout,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: 'idle',
  });
  http.server.maxConnections = 4_000;
  http.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(`Crossdesk: ${about}\n`));
  return http as unknown as FastifyInstance;
}
