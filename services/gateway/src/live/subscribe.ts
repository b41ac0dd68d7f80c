import { type RequestContext, signedIn } from '@crossdesk/service-kit';
import {
  type DocumentNode,
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import { refusal } from '../errors.ts';
import type { Documents, PreparedDocument, PreparedOperation } from '../graphql/documents.ts';
import type { Asked, Entry } from '../graphql/entry.ts';
import type { GatewayLimits } from '../limits.ts';
import { createLiveQueries } from './live-queries.ts';
import type { RunningStream } from './live-stream.ts';
import { type EventQuery, rootFieldOf, toEventQuery } from './rewrite.ts';
import type { StreamArguments } from './stream-arguments.ts';
import type { LiveAnswers } from './subscription.ts';

export interface SubscribeDeps {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly entry: Entry;
  readonly streams: readonly Subscribable[];
  readonly limits: Pick<GatewayLimits, 'liveQueriesPerCallerMax'>;
}

/** A subscription that may be opened. */
export interface Subscribing {
  /** As the client wrote it. */
  readonly document: DocumentNode;
  open(): LiveAnswers;
}

export type ReadSubscription = (asked: Asked, context: RequestContext) => Subscribing;

type Subscribable = Pick<RunningStream, 'field' | 'byIds' | 'subscribe'>;

interface StreamQuery {
  readonly stream: Subscribable;
  readonly query: EventQuery;
}

/** Reads a client's subscription. The rewritten query is made once per document. @throws GraphQLError */
export function createSubscriptionReader(deps: SubscribeDeps): ReadSubscription {
  const liveQueries = createLiveQueries(deps.limits.liveQueriesPerCallerMax);
  const queries = new WeakMap<PreparedOperation, StreamQuery>();

  function queryOf(document: PreparedDocument, operation: PreparedOperation): StreamQuery {
    const known = queries.get(operation);
    if (known !== undefined) return known;
    const field = rootFieldOf(operation.definition);
    const stream = deps.streams.find((candidate) => candidate.field === field.name.value);
    if (stream === undefined) throw refusal('BAD_REQUEST', `this gateway has no stream ${field.name.value}`);
    const query = toEventQuery(
      { document, operation: operation.definition, field, byIds: stream.byIds },
      deps.documents,
    );
    const made = { stream, query };
    queries.set(operation, made);
    return made;
  }

  return (asked, context) => {
    const { variables: given } = asked;
    const asker = { caller: context.caller, address: context.clientAddress };
    const entered = deps.entry.enter(asker, asked, unfit);
    if (!entered.ok) throw entered.errors[0] ?? refusal('BAD_REQUEST', 'this document cannot be read');
    const { document, operation } = entered;
    const { stream, query } = queryOf(document, operation);
    const variables = Object.fromEntries(Object.entries(given).filter(([name]) => query.variableNames.includes(name)));
    const args = argumentsOf(deps.schema, operation, query, given);
    const identity = JSON.stringify([query.document.hash, variables, { ...args, after: null }]);
    const release = liveQueries.open(signedIn(context), identity);
    if (release === null) throw tooManyQueries(deps.limits.liveQueriesPerCallerMax);
    try {
      const open = stream.subscribe({ query, variables, arguments: args, context, onEnd: release });
      return { document: document.ast, open };
    } catch (cause) {
      release();
      throw cause;
    }
  };
}

function tooManyQueries(limit: number): GraphQLError {
  return refusal(
    'TOO_MANY_SUBSCRIPTIONS',
    `at most ${limit} different live queries of one caller: use one subscription for all conversations, with fewer different arguments and fields`,
    { limit, unit: 'live queries' },
  );
}

function unfit({ definition }: PreparedOperation): GraphQLError | null {
  if (definition.operation === OperationTypeNode.SUBSCRIPTION) return null;
  return refusal(
    'BAD_REQUEST',
    'this socket takes subscriptions; send queries and mutations by POST to the same address',
  );
}

function argumentsOf(
  schema: GraphQLSchema,
  { definition }: PreparedOperation,
  { field }: EventQuery,
  given: Readonly<Record<string, unknown>>,
): StreamArguments {
  const { coerced, errors } = getVariableValues(schema, definition.variableDefinitions ?? [], { ...given });
  if (coerced === undefined) throw refusal('BAD_USER_INPUT', errors[0]?.message ?? 'the variables do not fit');
  const declared = schema.getSubscriptionType()?.getFields()[field.name.value];
  if (declared === undefined) throw refusal('BAD_REQUEST', `there is no subscription ${field.name.value}`);
  try {
    return getArgumentValues(declared, field, coerced);
  } catch (cause) {
    if (cause instanceof GraphQLError) throw refusal('BAD_USER_INPUT', cause.message);
    throw cause;
  }
}
