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
 * Of the process, and deliberately not OpenTelemetry's global one: libraries with spans of their own (Apollo's gateway)
 * would find that, and nobody has checked what they tell.
 */
let tracer: Tracer | null = null;

/** From now on spans are made by this tracer; null: none are made. */
export function recordSpansWith(next: Tracer | null): void {
  tracer = next;
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
