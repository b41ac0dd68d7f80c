import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { openBroker } from '../broker/open-broker.ts';
import { contextKeyOf } from '../caller/request-context.ts';
import { createHealth, healthAddress } from '../http/health.ts';
import { checkAddresses, listen } from '../http/listen.ts';
import { createHttp } from '../http/server.ts';
import { mountSubgraph, type Subgraph } from '../http/subgraph.ts';
import { systemClock } from '../runtime/clock.ts';
import { readEnvironment, unknownVariables } from '../runtime/config.ts';
import type { Keyring } from '../runtime/keys.ts';
import { openProcessLog } from '../runtime/log.ts';
import { measureProcess } from '../runtime/metrics.ts';
import { runProcess } from '../runtime/process.ts';
import type { ServiceDeps, ServiceRuntime } from './service.ts';
import { stopInOrder } from '../runtime/shutdown.ts';
import { startTracing } from '../runtime/tracing.ts';
import { serviceSettingsIn, serviceVariables, subgraphVariables } from './variables.ts';

const environment = Type.Object({ ...serviceVariables, ...subgraphVariables });

export type ServiceConfig = ReturnType<typeof readServiceConfig>;

/**
 * The settings, from its environment, of a service that is only a subgraph. @throws ConfigError that names every
 * problem
 */
export function readServiceConfig(name: string, env: NodeJS.ProcessEnv) {
  const values = readEnvironment(environment, env);
  return {
    ...serviceSettingsIn(name, values, env),
    port: values.HTTP_PORT,
    unknownVariables: unknownVariables(environment, env),
  };
}

interface SubgraphService {
  readonly runtime: Pick<ServiceRuntime<never>, 'metrics' | 'problems'>;
  readonly subgraph: Subgraph;
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

/** For ingest, whose address for webhooks also serves its subgraph. */
const bodyBytesMax = 1024 * 1024;

/** Runs one service as a process of its own: opens it, serves its subgraph to the gateway, stops it in order. */
export function runService<Service extends SubgraphService, Config extends ServiceConfig = ServiceConfig>(spec: {
  readonly name: string;
  readonly config: () => Config;
  readonly open: (deps: ServiceDeps, config: Config) => Promise<Service>;
  /** Further addresses for the gateway. */
  readonly mount?: (http: FastifyInstance, service: Service, contextKey: Keyring) => void;
  readonly onReady?: (service: Service) => Promise<void>;
}): Promise<void> {
  return runProcess(async () => {
    const config = spec.config();
    const { host, port, databaseUrl, kafka, keys, outboxKeptMonths } = config;
    const address = { host, port, variable: 'HTTP_PORT' };
    await checkAddresses([address, healthAddress(config)]);
    const log = openProcessLog(spec.name, config);
    const traces = await startTracing(spec.name, config.tracing, log);
    const broker = await openBroker({ kafka, databaseUrl, keys, log });
    const deps = { databaseUrl, keys, broker, log, clock: systemClock, outboxKeptMonths };
    const service = await spec.open(deps, config);
    measureProcess(service.runtime.metrics);
    let isStopping = false;
    const http = createHttp(
      log,
      bodyBytesMax,
      `the service ${spec.name}, which only the gateway asks: use /graphql there`,
    );
    const health = createHealth({
      service: spec.name,
      log,
      metrics: [service.runtime.metrics],
      problems: () => (isStopping ? ['stopping'] : service.runtime.problems()),
    });
    const contextKey = contextKeyOf(keys, spec.name);
    mountSubgraph(http, service.subgraph, contextKey);
    spec.mount?.(http, service, contextKey);
    await service.start();
    await listen(http, address);
    await listen(health, healthAddress(config));
    return {
      log,
      announce: async () => spec.onReady?.(service),
      stop: async (deadlineMs) => {
        isStopping = true;
        const parts = [
          { name: spec.name, stop: () => service.stop(deadlineMs / 2) },
          { name: 'http', stop: () => http.close() },
          { name: 'log', stop: () => broker.close() },
          { name: 'health', stop: () => health.close() },
          traces,
        ];
        await stopInOrder(parts, deadlineMs, log);
      },
    };
  });
}
