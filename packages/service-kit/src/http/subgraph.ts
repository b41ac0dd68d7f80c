import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph';
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  validate,
  visit,
} from 'graphql';
import { serviceNames } from '@crossdesk/contracts';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleaned } from '../runtime/clean-text.ts';
import type { Keyring } from '../runtime/keys.ts';
import { type LogScope, type Logger, traceIdOf, withLogScope } from '../runtime/log.ts';
import { traced } from '../runtime/spans.ts';
import { withinLimits } from '../db/row-limits.ts';
import { isInScope } from '../caller/api-token-scope.ts';
import { dateTimeScalar, toEnum } from './graphql.ts';
import { problemsNoted } from './noted-problems.ts';
import { type Caller, contextHeader, type RequestContext, verifyContext } from '../caller/request-context.ts';

export interface SubgraphRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName: string | undefined;
}

/** A service's part of the graph: called directly inside one process, over HTTP between processes. */
export interface Subgraph {
  readonly name: string;
  execute(request: SubgraphRequest, context: RequestContext): Promise<ExecutionResult>;
}

/** A resolver map as the generated types describe it; entity types may have `__resolveReference`. */
export type ResolverMap = NonNullable<GraphQLSchemaModule['resolvers']>;

export interface SubgraphSpec<Context> {
  readonly name: string;
  readonly sdl: string;
  /** Of each room; several may resolve fields of one type. */
  readonly resolvers: readonly ResolverMap[];
  readonly log: Logger;
  /** Creates the context of the resolvers, new for each operation: dependencies, loaders and the caller. */
  context(request: RequestContext): Context;
}

/**
 * The SDL of a service: the `schema.graphql` in its folder, the files that it names in lines of the form `# import
 * "<path from the folder>"`, the `.graphql` file of each room in `src`, and the part that all subgraphs share.
 */
export function readSdl(serviceFolder: string): string {
  const own = readFileSync(join(serviceFolder, 'schema.graphql'), 'utf8');
  const imported = [...own.matchAll(/^# import "([^"]+)"$/gm)].map(([, path = '']) => join(serviceFolder, path));
  const rooms = globSync('src/*/*.graphql', { cwd: serviceFolder }).toSorted();
  const others = [
    ...imported,
    ...rooms.map((file) => join(serviceFolder, file)),
    join(import.meta.dirname, 'shared.graphql'),
  ];
  return [own, ...others.map((file) => readFileSync(file, 'utf8'))].join('\n');
}

const noDefinitions: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };
const documentsCachedMax = 1_000;

/**
 * Builds the executable schema of a service. Parsed and validated operations are cached: the gateway sends few
 * different ones.
 */
export function createSubgraph<Context extends object>(spec: SubgraphSpec<Context>): Subgraph {
  const schema = buildSubgraphSchema([
    { typeDefs: parse(spec.sdl) },
    ...[{ DateTime: dateTimeScalar }, ...spec.resolvers].map((resolvers) => ({ typeDefs: noDefinitions, resolvers })),
  ]);
  const documents = new LRUCache<string, DocumentNode>({ max: documentsCachedMax });

  function documentOf(query: string): DocumentNode {
    const known = documents.get(query);
    if (known !== undefined) return known;
    const document = withCleanText(parse(query, { maxTokens: 10_000, noLocation: true }));
    const [problem] = validate(schema, document);
    if (problem !== undefined) throw problem;
    documents.set(query, document);
    return document;
  }

  return {
    name: spec.name,
    execute: (request, requestContext) =>
      traced({ name: `${spec.name} subgraph`, kind: 'server' }, requestContext.traceparent, ({ traceparent }) => {
        const own = { ...requestContext, traceparent: traceparent ?? requestContext.traceparent };
        return withLogScope(scopeOf(own), () => withinLimits(limitsOf(own.caller), () => run(request, own)));
      }),
  };

  /** An error if the token of a program does not allow the operation. */
  function refuseScope({ caller }: RequestContext, document: DocumentNode, operationName: string | undefined) {
    const operation = getOperationAST(document, operationName)?.operation ?? 'query';
    if (caller.kind !== 'api-token' || isInScope(caller.scopes, spec.name, operation)) return null;
    // The gateway has no data of its own: the services that it asks look at the scopes.
    if (!isService(spec.name)) return null;
    const needed = `${spec.name}-${operation === 'mutation' ? 'write' : 'read'}`;
    return new GraphQLError(`The API token has no scope ${toEnum(needed)}: create one that has it.`, {
      extensions: { code: 'FORBIDDEN' },
    });
  }

  async function run(request: SubgraphRequest, requestContext: RequestContext): Promise<ExecutionResult> {
    let document: DocumentNode;
    try {
      document = documentOf(request.query);
    } catch (problem) {
      if (problem instanceof GraphQLError) return { errors: [problem] };
      throw problem;
    }
    const outOfScope = refuseScope(requestContext, document, request.operationName);
    if (outOfScope !== null) return { errors: [outOfScope] };
    const contextValue = spec.context(requestContext);
    const result = await execute({
      schema,
      document,
      variableValues: cleaned(request.variables),
      operationName: request.operationName ?? null,
      contextValue,
    });
    const thrown = (result.errors ?? []).map((error) => withoutDetail(error, spec, requestContext));
    const errors = [...thrown, ...problemsNoted(contextValue)];
    return errors.length === 0 ? result : { ...result, errors };
  }
}

function limitsOf(caller: Caller) {
  if (caller.kind === 'anonymous' || caller.access === undefined) return null;
  return { agentId: caller.agentId, access: caller.access };
}

function isService(name: string): boolean {
  return serviceNames.some((service) => service === name);
}

/** The same document with clean text in its literals; the variables are cleaned at each execution. */
function withCleanText(document: DocumentNode): DocumentNode {
  return visit(document, { [Kind.STRING]: (node) => ({ ...node, value: cleaned(node.value) }) });
}

function scopeOf({ caller, requestId, traceparent }: RequestContext): LogScope {
  const traceId = traceIdOf(traceparent);
  return {
    requestId,
    ...(traceId === null ? {} : { traceId }),
    ...(caller.kind === 'anonymous' ? {} : { tenantId: caller.tenantId }),
  };
}

/**
 * Our own refusals pass. Any other error is a bug: it is logged with its stack, and the answer contains no detail of
 * it.
 */
function withoutDetail<Context>(
  error: GraphQLError,
  spec: SubgraphSpec<Context>,
  { requestId }: RequestContext,
): GraphQLError {
  const cause = error.originalError;
  if (cause === undefined || cause === null || cause instanceof GraphQLError) return error;
  spec.log.error({ err: cause, requestId, subgraph: spec.name, at: error.path?.join('.') }, 'resolver failed');
  return new GraphQLError('Something went wrong on our side; try again. The request id helps to find it.', {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions: { code: 'INTERNAL', requestId },
  });
}

/** Serves the subgraph at POST /graphql, only for the gateway: every request needs a context signed for its body. */
export function mountSubgraph(http: FastifyInstance, subgraph: Subgraph, contextKey: Keyring): void {
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post('/graphql', async (request, reply) => {
      const body = String(request.body);
      const header = request.headers[contextHeader];
      const context = verifyContext(contextKey, typeof header === 'string' ? header : undefined, body, new Date());
      if (context === null) {
        return reply
          .code(401)
          .send({ errors: [{ message: 'Ask the gateway: this address takes signed requests only.' }] });
      }
      const { query, variables, operationName } = JSON.parse(body) as Partial<SubgraphRequest>;
      return subgraph.execute({ query: query ?? '', variables: variables ?? {}, operationName }, context);
    });
  });
}
