import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { type Static, Type } from '@sinclair/typebox';
import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';
import { recordSpansWith } from './spans.ts';

/** Where traces go: part of the environment of every process. Names and meaning are OpenTelemetry's. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({ pattern: '^https?://', description: 'a collector of traces that takes OTLP over HTTP; empty: none' }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.05,
    description: 'share of the traces that begin here which are kept',
  }),
};

export interface TracingOptions {
  readonly endpoint: string;
  /** Of traces that begin here; others are kept when whoever began them keeps them. */
  readonly sampledShare: number;
}

type TracingValues = Static<ReturnType<typeof Type.Object<typeof tracingVariables>>>;

/** The collector to use; null = none. */
export function tracingIn(values: TracingValues): TracingOptions | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: sampledShare } = values;
  return endpoint === undefined ? null : { endpoint, sampledShare };
}

const exportEveryMs = 2_000;
/** With its repetitions, and shorter than a stop waits for it, so that the log still hears of it. */
const exportTimeoutMs = 1_500;
/** What an unreachable collector may cost a process that stops. */
const flushWithinMs = 2_000;
/** What comes while these wait is dropped. */
const waitingSpansMax = 2_048;
const attributeCharsMax = 128;

/** Starts to export spans. Without options the SDK is not even loaded, and `traced` only calls its work. */
export async function startTracing(service: string, options: TracingOptions | null, log: Logger): Promise<Stoppable> {
  if (options === null) return { name: 'traces', stop: async () => undefined };
  const [{ BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider }, resources, otlp] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = toldOnce(new otlp.OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMs }), log);
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampledShare) }),
    spanLimits: { attributeValueLengthLimit: attributeCharsMax },
    spanProcessors: [
      new BatchSpanProcessor({ exporter, maxQueueSize: waitingSpansMax, scheduledDelayMillis: exportEveryMs }),
    ],
  });
  recordSpansWith(provider.getTracer('crossdesk'));
  return {
    name: 'traces',
    async stop() {
      recordSpansWith(null);
      const enough = Promise.withResolvers<void>();
      const timer = setTimeout(enough.resolve, flushWithinMs);
      // Whatever went wrong has been told by the exporter.
      await Promise.race([provider.shutdown().catch(() => undefined), enough.promise]);
      clearTimeout(timer);
    },
  };
}

/** A collector that is away costs one line, not one for each batch. */
function toldOnce(exporter: SpanExporter, log: Logger): SpanExporter {
  let isAway = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error !== undefined && !isAway) log.warn({ err: error }, 'traces are lost: their collector takes none');
        if (error === undefined && isAway) log.warn('traces are taken again');
        isAway = error !== undefined;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
