import { fastify } from 'fastify';

/** A span as it arrived over OTLP, with the fields that tests check. */
export interface ArrivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Collector {
  readonly endpoint: string;
  readonly spans: readonly ArrivedSpan[];
  /** All received requests, unchanged. */
  text(): string;
  close(): Promise<void>;
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
      }[];
    }[];
  }[];
}

/** Receives spans over OTLP/HTTP in JSON, as a trace backend does. */
export async function openCollector(): Promise<Collector> {
  const spans: ArrivedSpan[] = [];
  const bodies: string[] = [];
  const http = fastify({ bodyLimit: 16 * 1024 * 1024 });
  http.post('/v1/traces', async ({ body }) => {
    bodies.push(JSON.stringify(body));
    const { resourceSpans } = body as Otlp;
    for (const span of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))) {
      const { name, traceId, spanId, parentSpanId = '' } = span;
      const attributes = Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
      spans.push({ name, traceId, spanId, parentSpanId: parentSpanId === '' ? null : parentSpanId, attributes });
    }
    return {};
  });
  const endpoint = await http.listen({ host: '127.0.0.1', port: 0 });
  return { endpoint, spans, text: () => bodies.join('\n'), close: () => http.close() };
}
