import type { ServiceName } from '@crossdesk/contracts';
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** The metrics of one service. Every figure has the label `service`. */
export interface Metrics {
  readonly registry: Registry;
}

/** The counters of each service, known as soon as its modules are loaded. */
const declared = new Map<string, CounterSpec<string>[]>();

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  for (const spec of declared.get(service) ?? []) counterIn(registry, spec);
  return { registry };
}

/** Adds the metrics of the process: CPU, memory, lag of the event loop. Once per process. */
export function measureProcess({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry });
}

export interface CounterSpec<Label extends string> {
  /** `crossdesk_…_total`. */
  readonly name: string;
  readonly help: string;
  /** Each has few values, and never a tenant. */
  readonly labelNames?: readonly Label[];
}

/**
 * A counter, declared in the module that counts: each instance of the service has it from its start, so that it is 0
 * before the first event. Returns the counter of an instance.
 */
export function declareCounter<Label extends string = never>(
  service: ServiceName | 'gateway',
  spec: CounterSpec<Label>,
): (metrics: Metrics) => Counter<Label> {
  declared.set(service, [...(declared.get(service) ?? []), spec]);
  return ({ registry }) => counterIn(registry, spec);
}

function counterIn<Label extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: CounterSpec<Label>,
): Counter<Label> {
  const known = registry.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [registry] });
}

export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Adds a figure that is read when the metrics are requested. If a reading fails, its figure is left out, so that the
 * others are still available while the database or the log is down.
 */
export function addReading(
  { registry }: Metrics,
  spec: {
    readonly name: string;
    readonly help: string;
    readonly labelNames?: readonly string[];
    read(): Promise<readonly Reading[]>;
  },
): void {
  const { name, help, labelNames = [], read } = spec;
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const readings = await read().catch(() => []);
      this.reset();
      if (labelNames.length === 0) this.remove();
      for (const { labels = {}, value } of readings) this.set(labels, value);
    },
  });
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

/** The metrics of all services of a process as one text: each name once, with the figures of every service. */
export async function metricsText(metrics: readonly Metrics[]): Promise<string> {
  const found = await Promise.all(metrics.map(({ registry }) => registry.getMetricsAsJSON()));
  // No two services share a label set, so there is nothing to sum. Without this option some figures would be left out.
  const asTheyAre = found.map((family) => family.map((metric) => ({ ...metric, aggregator: 'first' })));
  return AggregatorRegistry.aggregate(asTheyAre).metrics();
}
