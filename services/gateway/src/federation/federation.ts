import { ApolloGateway } from '@apollo/gateway';
import type { Logger, RequestContext } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { silenceVendorTelemetry } from '../config.ts';
import { publicError, refusal } from '../errors.ts';
import type { PreparedDocument } from '../graphql/documents.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { createLiveness } from './liveness.ts';
import { createPlanCache } from './plan-cache.ts';
import type { GatewayScope } from './scope.ts';
import { type SubgraphSource, toDataSource } from './subgraph-source.ts';

export interface Operation {
  readonly document: PreparedDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly signal: AbortSignal;
}

export interface Federation {
  /** The schema for clients: the supergraph without its directives. */
  readonly schema: GraphQLSchema;
  /** Runs a query or mutation. Errors in the result are safe to show. */
  execute(operation: Operation): Promise<ExecutionResult>;
  stop(): Promise<void>;
}

export interface FederationOptions {
  readonly supergraphSdl: string;
  readonly sources: readonly SubgraphSource[];
  readonly timeoutMs: number;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

type Executor = ApolloGateway['executor'];

/** Loads the supergraph into Apollo's planner and executor, which ask the subgraphs through our own sources. */
export async function openFederation(options: FederationOptions): Promise<Federation> {
  silenceVendorTelemetry();
  const { log, metrics, timeoutMs } = options;
  const hangsAfterMs = Math.max(hangsAfterMsMin, timeoutMs / 10);
  const sources = new Map(
    options.sources.map((source) => [
      source.name,
      { source, liveness: createLiveness({ name: source.name, hangsAfterMs, log, probe: source.probe }) },
    ]),
  );
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    // Composition validates it when it is generated. To do it again costs 40 % of the start.
    validateSupergraph: false,
    logger: log.child({}, { level: 'warn' }),
    __exposeQueryPlanExperimental: false,
    queryPlannerConfig: { cache: createPlanCache(metrics) },
    buildService: ({ name }) => {
      const found = sources.get(name);
      if (found === undefined) throw new Error(`the supergraph has a subgraph ${name}, but no source for it`);
      return toDataSource(found.source, { timeoutMs, metrics, liveness: found.liveness });
    },
  });
  const { schema, executor } = await gateway.load();

  return {
    schema,
    async execute(operation) {
      const { definition } = operation.document.operationOf(operation.operationName) ?? {};
      if (definition === undefined)
        return { errors: [refusal('BAD_REQUEST', 'name one operation of the document in operationName')] };
      const scope: GatewayScope = {
        context: operation.context,
        log,
        isMutation: definition.operation === OperationTypeNode.MUTATION,
        signal: operation.signal,
      };
      const result = await executor(requestOf(operation, scope, schema, definition));
      return publicResult(result, { log, requestId: operation.context.requestId });
    },
    async stop() {
      await gateway.stop();
      for (const { liveness } of sources.values()) liveness.stop();
      await Promise.all(options.sources.map((source) => source.stop()));
    },
  };
}

/** A service that answers nothing for a tenth of its time, and for a second, hangs. */
const hangsAfterMsMin = 1_000;

/** A page whose every row has a problem says so in as many errors. */
const errorsMax = 50;

type ExecutorRequest = Parameters<Executor>[0];

/** Apollo's executor reads these parts; its type also requires what only Apollo Server has. */
function requestOf(
  { document, operationName, variables }: Operation,
  scope: GatewayScope,
  schema: GraphQLSchema,
  operation: ExecutorRequest['operation'],
): ExecutorRequest {
  return {
    request: {
      query: document.text,
      variables: { ...variables },
      ...(operationName === null ? {} : { operationName }),
    },
    document: document.ast,
    queryHash: document.hash,
    source: document.text,
    operationName: operation.name?.value ?? null,
    operation,
    schema,
    context: scope,
    logger: scope.log,
    metrics: {},
  } as unknown as ExecutorRequest;
}

function publicResult(result: ExecutionResult, scope: { log: Logger; requestId: string }): ExecutionResult {
  // When a subgraph answers null for a non-null field, Apollo blanks the field and says so in an extension only.
  const broken = result.extensions?.['valueCompletion'];
  const silent = Array.isArray(broken) ? broken.filter((error) => error instanceof GraphQLError) : [];
  const errors = [...(result.errors ?? []), ...silent].slice(0, errorsMax).map((error) => publicError(error, scope));
  return { ...(result.data === undefined ? {} : { data: result.data }), ...(errors.length === 0 ? {} : { errors }) };
}
