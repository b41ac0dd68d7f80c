import type { GraphQLDataSource } from '@apollo/gateway';
import { type RequestContext, type SubgraphRequest, traced } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { GatewayMetrics } from '../metrics.ts';
import { type Liveness, SubgraphHangs } from './liveness.ts';
import { isGatewayScope } from './scope.ts';
import { unavailable } from './unavailable.ts';

/** The answer of a subgraph, from this process or over HTTP. */
export interface SubgraphAnswer {
  readonly data?: ExecutionResult['data'];
  readonly errors?: readonly GraphQLFormattedError[] | ExecutionResult['errors'];
}

export interface SubgraphCall {
  readonly request: SubgraphRequest;
  readonly context: RequestContext;
  readonly isMutation: boolean;
  /** Aborts when time is up, or when the client of a query goes away. */
  readonly signal: AbortSignal;
}

/** One way to ask a subgraph. Rejects when there is no answer. */
export interface SubgraphSource {
  readonly name: string;
  ask(call: SubgraphCall): Promise<SubgraphAnswer>;
  /** Asks for nothing but a sign of life, whatever else is being asked. */
  probe(signal: AbortSignal): Promise<SubgraphAnswer>;
  stop(): Promise<void>;
}

export interface DataSourceOptions {
  readonly timeoutMs: number;
  readonly metrics: GatewayMetrics;
  readonly liveness: Liveness;
}

/** The question of a probe. */
export const signOfLife: SubgraphRequest = { query: '{__typename}', variables: {}, operationName: undefined };

/** The source as Apollo's executor calls it. When a subgraph does not answer, an error names what is missing. */
export function toDataSource(
  source: SubgraphSource,
  { timeoutMs, metrics, liveness }: DataSourceOptions,
): GraphQLDataSource {
  return {
    async process(options) {
      const { context: scope } = options;
      if (!isGatewayScope(scope)) throw new Error('a subgraph was asked outside of a request');
      const query = options.request.query ?? '';
      const late = new AbortController();
      // Cleared once the answer is there: AbortSignal.timeout would still fire later and build an error with a stack.
      const timer = setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const signal = scope.isMutation ? late.signal : AbortSignal.any([late.signal, scope.signal]);
      const request = {
        query,
        variables: options.request.variables ?? {},
        operationName: options.request.operationName,
      };
      const startedAt = performance.now();
      let outcome = 'answered';
      try {
        const answer = await traced(
          { name: `call ${source.name}`, kind: 'client' },
          scope.context.traceparent,
          ({ traceparent }) => {
            const context = { ...scope.context, traceparent: traceparent ?? scope.context.traceparent };
            const ask = () => orAborted(source.ask({ request, context, isMutation: scope.isMutation, signal }), signal);
            if (!scope.isMutation) return liveness.whileAlive(ask);
            if (liveness.isHanging()) throw new SubgraphHangs(source.name);
            return ask();
          },
        );
        const errors = answer.errors?.map(formatted);
        const internal = errors?.filter(({ extensions }) => extensions?.['code'] === 'INTERNAL').length ?? 0;
        metrics.subgraphErrors.inc({ subgraph: source.name, kind: 'internal' }, internal);
        return { data: answer.data ?? null, ...(errors === undefined ? {} : { errors }) };
      } catch (err) {
        const isSkipped = err instanceof SubgraphHangs;
        outcome = isSkipped ? 'skipped' : scope.signal.aborted ? 'aborted' : 'failed';
        if (outcome !== 'aborted') metrics.subgraphErrors.inc({ subgraph: source.name, kind: 'no_answer' });
        // Said once, when it began to hang.
        if (outcome === 'failed') {
          scope.log.warn({ err, subgraph: source.name, requestId: scope.context.requestId }, 'subgraph did not answer');
        }
        const place = 'pathInIncomingRequest' in options ? options.pathInIncomingRequest : undefined;
        const doubt = !scope.isMutation ? 'none' : isSkipped ? 'not-done' : 'unknown';
        throw unavailable(source.name, query, place ?? [], doubt);
      } finally {
        clearTimeout(timer);
        metrics.subgraphs.observe({ subgraph: source.name, outcome }, (performance.now() - startedAt) / 1_000);
      }
    },
  };
}

function formatted(error: GraphQLFormattedError | GraphQLError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}

/** Stops waiting when the signal aborts, whether or not the work listens to it. */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Error('no answer in time', { cause: signal.reason }));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
