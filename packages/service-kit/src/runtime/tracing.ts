import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { type Static, Type } from '@sinclair/typebox';
import { httpUrlVariable } from './config.ts';
import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';
import { recordSpansWith } from './spans.ts';

/** The variables for traces: part of the environment of every process. Names and meaning are those of OpenTelemetry. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    httpUrlVariable('a collector of traces that accepts OTLP over HTTP; empty: none'),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.05,
    description: 'share of the traces started here that are kept',
  }),
};

export interface TracingOptions {
  readonly endpoint: string;
  /** For traces started here; others are kept if the caller that started them keeps them. */
  readonly sampledShare: number;
}

type TracingValues = Static<ReturnType<typeof Type.Object<typeof tracingVariables>>>;

/** The collector to use; null = none. */
export function tracingIn(values: TracingValues): TracingOptions | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: sampledShare } = values;
  return endpoint === undefined ? null : { endpoint, sampledShare };
}

const exportEveryMs = 2_000;
/** Including its retries, and shorter than the stop waits for it, so that a failure is still logged. */
const exportTimeoutMs = 1_500;
/** The longest time an unreachable collector may delay a stop. */
const flushWithinMs = 2_000;
/** Further spans are dropped while this many wait. */
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
  const url = new URL('v1/traces', options.endpoint.endsWith('/') ? options.endpoint : `${options.endpoint}/`).href;
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
      // The exporter has already reported the error.
      await Promise.race([provider.shutdown().catch(() => undefined), enough.promise]);
      clearTimeout(timer);
    },
  };
}

/** An unreachable collector causes one log line, not one for each batch. */
function toldOnce(exporter: SpanExporter, log: Logger): SpanExporter {
  let isAway = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error !== undefined && !isAway) log.warn({ err: error }, 'traces are lost: their collector accepts none');
        if (error === undefined && isAway) log.warn('traces are accepted again');
        isAway = error !== undefined;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
