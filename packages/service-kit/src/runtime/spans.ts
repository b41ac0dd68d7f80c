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

/**
 * The tracer of the process, deliberately not OpenTelemetry's global one: libraries with spans of their own (Apollo's
 * gateway) would use that, and nobody has checked what their spans contain.
 */
let tracer: Tracer | null = null;

/** Sets the tracer for all later spans; null: no spans are created. */
export function recordSpansWith(next: Tracer | null): void {
  tracer = next;
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** The name of a span and its attributes at the start. Never customer text, never the id of a buyer. */
export interface SpanSpec {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly attributes?: Attributes;
}

export interface OpenSpan {
  /** The W3C trace context to pass on: that of this span, or the given one while nothing is traced. */
  readonly traceparent: string | null;
  note(attributes: Attributes): void;
}

/** Runs work inside a span that continues the given trace, or starts one. */
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
 * Runs work for a batch: each item whose trace is sampled gets a span of its own in that trace, and the work receives
 * the items with this span to pass on. Items of other traces cost nothing, and neither does anything while nothing is
 * traced.
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
    // The last bit of the flags says whether a trace is sampled.
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
    // Only its name: messages may contain customer text.
    const name = error instanceof Error ? error.name : 'unknown';
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', name);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}
