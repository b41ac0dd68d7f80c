import { fastify, type FastifyInstance, LogController } from 'fastify';
import { type Metrics, metricsContentType, metricsText } from '../runtime/metrics.ts';
import type { Logger } from '../runtime/log.ts';

export interface HttpOptions {
  /**
   * The service at this address: /healthz and /readyz name it, so that a caller who waits for one service does not
   * accept another.
   */
  readonly service: string;
  readonly log: Logger;
  /** The metrics of every service of the process that this address shows. */
  readonly metrics: readonly Metrics[];
  readonly bodyBytesMax: number;
  /** The problems that keep this service from working; empty = ready. */
  problems(): readonly string[] | Promise<readonly string[]>;
}

/**
 * A fastify server with /healthz (the process is alive), /readyz (it can do its work, else it names the problems) and
 * /metrics. Time limits keep slow senders from holding sockets: 10 s for headers, 30 s for a request.
 */
export function createHttp({ service, log, metrics, bodyBytesMax, problems }: HttpOptions): FastifyInstance {
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Nothing is logged per request, so a logger for each request would be created in vain.
    childLoggerFactory: (parent) => parent,
    bodyLimit: bodyBytesMax,
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: 'idle',
  });
  http.server.maxConnections = 4_000;
  http.get('/healthz', async () => ({ status: 'alive', service }));
  http.get('/readyz', async (_request, reply) => {
    const found = await problems();
    return reply
      .code(found.length === 0 ? 200 : 503)
      .send({ status: found.length === 0 ? 'ready' : 'not ready', service, problems: found });
  });
  http.get('/metrics', async (_request, reply) => reply.type(metricsContentType).send(await metricsText(metrics)));
  return http as unknown as FastifyInstance;
}
