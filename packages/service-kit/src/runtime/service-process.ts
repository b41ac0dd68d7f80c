import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { brokerVariables, kafkaIn } from '../broker/broker-config.ts';
import { openBroker } from '../broker/open-broker.ts';
import { contextKeyOf } from '../http/request-context.ts';
import { checkAddresses, listen } from '../http/listen.ts';
import { createHttp } from '../http/server.ts';
import { mountSubgraph, type Subgraph } from '../http/subgraph.ts';
import { systemClock } from './clock.ts';
import { readEnvironment } from './config.ts';
import { parseMasterSecret } from './keys.ts';
import { createLog } from './log.ts';
import { measureProcess } from './metrics.ts';
import { runProcess } from './process.ts';
import type { ServiceDeps, ServiceRuntime } from './service.ts';
import { stopInOrder } from './shutdown.ts';
import { startTracing, tracingIn, tracingVariables } from './tracing.ts';

/** A variable of every service. Less than the log and the lists of consumed events keep would be a trap. */
export const outboxKeptMonths = Type.Optional(
  Type.Integer({
    minimum: 2,
    description:
      'months of the event history that are kept beside the current one; empty: all, and projections can be rebuilt',
  }),
);

const environment = Type.Object({
  CROSSDESK_SECRET: Type.String({ description: 'at least 32 bytes in base64, the same for every service' }),
  DATABASE_URL: Type.String({
    pattern: '^postgres(ql)?://',
    description: 'postgres://… with rights to create roles and schemas',
  }),
  HTTP_HOST: Type.String({ default: '127.0.0.1' }),
  HTTP_PORT: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port of the subgraph' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  OUTBOX_KEPT_MONTHS: outboxKeptMonths,
  ...brokerVariables,
  ...tracingVariables,
});

export type ServiceConfig = ReturnType<typeof readServiceConfig>;

/** What a service that is a subgraph and nothing else is told from outside. @throws ConfigError that names every problem */
export function readServiceConfig(env: NodeJS.ProcessEnv) {
  const given = readEnvironment(environment, env);
  return {
    master: parseMasterSecret(given.CROSSDESK_SECRET),
    databaseUrl: given.DATABASE_URL,
    kafka: kafkaIn(given),
    http: { host: given.HTTP_HOST, port: given.HTTP_PORT },
    logLevel: given.LOG_LEVEL,
    tracing: tracingIn(given),
    outboxKeptMonths: given.OUTBOX_KEPT_MONTHS ?? null,
  };
}

interface SubgraphService {
  readonly runtime: Pick<ServiceRuntime<never>, 'metrics' | 'problems'>;
  readonly subgraph: Subgraph;
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const bodyBytesMax = 1_000_000;

/** Runs one service as a process of its own: opens it, serves its subgraph to the gateway, stops it in order. */
export function runService<Service extends SubgraphService>(spec: {
  readonly name: string;
  readonly config: () => ServiceConfig;
  readonly open: (deps: ServiceDeps) => Promise<Service>;
  /** Further addresses for the gateway. */
  readonly mount?: (http: FastifyInstance, service: Service, contextKey: Buffer) => void;
  readonly onReady?: (service: Service) => Promise<void>;
}): Promise<void> {
  return runProcess(async () => {
    const { databaseUrl, kafka, master, http: address, logLevel, tracing, outboxKeptMonths: kept } = spec.config();
    const at = { ...address, variable: 'HTTP_PORT' };
    await checkAddresses([at]);
    const log = createLog(spec.name, logLevel);
    const traces = await startTracing(spec.name, tracing, log);
    const broker = await openBroker({ kafka, databaseUrl, master, log });
    const service = await spec.open({
      databaseUrl,
      master,
      broker,
      log,
      clock: systemClock,
      outboxKeptMonths: kept,
    });
    measureProcess(service.runtime.metrics);
    let isStopping = false;
    const problems = () => (isStopping ? ['stopping'] : service.runtime.problems());
    const http = createHttp({ service: spec.name, log, metrics: [service.runtime.metrics], bodyBytesMax, problems });
    const contextKey = contextKeyOf(master);
    mountSubgraph(http, service.subgraph, contextKey);
    spec.mount?.(http, service, contextKey);
    await service.start();
    await listen(http, at);
    return {
      log,
      announce: async () => spec.onReady?.(service),
      stop: async (deadlineMs) => {
        isStopping = true;
        const parts = [
          { name: spec.name, stop: () => service.stop(deadlineMs / 2) },
          { name: 'http', stop: () => http.close() },
          { name: 'log', stop: () => broker.close() },
          traces,
        ];
        await stopInOrder(parts, deadlineMs, log);
      },
    };
  });
}
