import {
  type Attributes,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { type Static, Type } from '@sinclair/typebox';
import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';

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

/**
 * Of the process, and deliberately not OpenTelemetry's global one: libraries with spans of their own (Apollo's gateway)
 * would find that, and nobody has checked what they tell.
 */
let tracer: Tracer | null = null;

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
  tracer = provider.getTracer('crossdesk');
  return {
    name: 'traces',
    async stop() {
      tracer = null;
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

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** What a span is called and what is known at its start. Never customer text, never the id of a buyer. */
export interface SpanSpec {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly attributes?: Attributes;
}

export interface OpenSpan {
  /** To hand on: W3C trace context of this span; what was given while nothing is traced. */
  readonly traceparent: string | null;
  note(attributes: Attributes): void;
}

/** Runs work inside a span that continues the given trace, or begins one. */
export async function traced<Result>(
  spec: SpanSpec,
  traceparent: string | null,
  work: (span: OpenSpan) => Promise<Result>,
): Promise<Result> {
  if (tracer === null) return work({ traceparent, note: () => undefined });
  const span = begin(tracer, spec, traceparent);
  return endingWith([span], () =>
    work({ traceparent: traceparentOf(span), note: (attributes) => void span.setAttributes(attributes) }),
  );
}

/**
 * Runs work for a batch: each item whose trace is kept gets a span of its own in it, and the work gets the items with that
 * span to hand on. Items of other traces cost nothing, and so does everything while nothing is traced.
 */
export async function tracedEach<Item extends { readonly traceparent: string | null }, Result>(
  spec: SpanSpec,
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Result>,
): Promise<Result> {
  const current = tracer;
  if (current === null) return work(items);
  const attributes = { ...spec.attributes, 'messaging.batch.message_count': items.length };
  const spans: Span[] = [];
  const own = items.map((item) => {
    // The last bit of the flags tells whether a trace is kept.
    if (item.traceparent === null || !/[13579bdf]$/.test(item.traceparent)) return item;
    const span = begin(current, { ...spec, attributes }, item.traceparent);
    spans.push(span);
    return { ...item, traceparent: traceparentOf(span) };
  });
  return endingWith(spans, () => work(own));
}

function begin(current: Tracer, { name, kind, attributes = {} }: SpanSpec, traceparent: string | null): Span {
  const [, traceId = '', spanId = '', flags = '0'] = traceparentForm.exec(traceparent ?? '') ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  const context = isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  return current.startSpan(name, { kind: kinds[kind], attributes }, context);
}

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

async function endingWith<Result>(spans: readonly Span[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // Its name alone: messages may hold what a customer wrote.
    const name = error instanceof Error ? error.name : 'unknown';
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', name);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}
