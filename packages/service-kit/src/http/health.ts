import { fastify, type FastifyInstance, LogController } from 'fastify';
import type { ListenAddress } from './listen.ts';
import type { Logger } from '../runtime/log.ts';
import { type Metrics, metricsContentType, metricsText } from '../runtime/metrics.ts';

export interface HealthOptions {
  /**
   * The process at this address: /healthz and /readyz name it, so that a caller who waits for one process does not
   * accept another.
   */
  readonly service: string;
  readonly log: Logger;
  /** The metrics of every service of the process. */
  readonly metrics: readonly Metrics[];
  /** The problems that keep the process from working; empty = ready. */
  problems(): readonly string[] | Promise<readonly string[]>;
}

/** Where a process shows its health. */
export function healthAddress({ host, healthPort: port }: { host: string; healthPort: number }): ListenAddress {
  return { host, port, variable: 'HEALTH_PORT' };
}

/**
 * The server for operators: /healthz (the process is alive), /readyz (it can do its work, else it names the problems)
 * and /metrics. It has a port of its own: however many connections the public port has, probes are answered, and nobody
 * on the internet sees metrics.
 */
export function createHealth({ service, log, metrics, problems }: HealthOptions): FastifyInstance {
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1_024,
    requestTimeout: 10_000,
    http: { headersTimeout: 5_000, maxHeaderSize: 8 * 1024 },
    forceCloseConnections: true,
  });
  http.get('/', async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(`Crossdesk: the health of ${service}, at /healthz, /readyz and /metrics\n`),
  );
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
