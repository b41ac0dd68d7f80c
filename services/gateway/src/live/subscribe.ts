import { parseId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import {
  type FieldNode,
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import { refusal } from '../errors.ts';
import type { Admission } from '../graphql/admission.ts';
import type { Documents, PreparedDocument, PreparedOperation } from '../graphql/documents.ts';
import { inboxEventKinds } from './inbox-record.ts';
import type { StreamRequest } from './inbox-stream.ts';
import { type EventQuery, toEventQuery } from './rewrite.ts';

export interface SubscribePayload {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface SubscribeDeps {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly admission: Admission;
}

export type ReadSubscription = (payload: SubscribePayload, context: RequestContext) => StreamRequest;

/** Reads what a client wants to follow. The rewritten query is made once per document. @throws GraphQLError */
export function createSubscriptionReader({ schema, documents, admission }: SubscribeDeps): ReadSubscription {
  const queries = new WeakMap<PreparedOperation, EventQuery>();

  function queryOf(document: PreparedDocument, operation: PreparedOperation): EventQuery {
    const known = queries.get(operation);
    if (known !== undefined) return known;
    const query = toEventQuery(document, operation.definition, documents);
    queries.set(operation, query);
    return query;
  }

  return (payload, context) => {
    const preparation = documents.prepare(payload.query);
    if (!preparation.ok) throw preparation.errors[0] ?? refusal('BAD_REQUEST', 'this document cannot be read');
    const operation = preparation.document.operationOf(payload.operationName);
    if (operation === null) throw refusal('BAD_REQUEST', 'name one operation of the document in operationName');
    if (operation.definition.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw refusal(
        'BAD_REQUEST',
        'this socket takes subscriptions; send queries and mutations by POST to the same address',
      );
    }
    const refused = admission.admit(
      { caller: context.caller, address: context.clientAddress },
      operation,
      payload.variables,
    );
    if (refused !== null) throw refused;
    const query = queryOf(preparation.document, operation);
    const { coerced, errors } = getVariableValues(schema, operation.definition.variableDefinitions ?? [], {
      ...payload.variables,
    });
    if (coerced === undefined) throw refusal('BAD_USER_INPUT', errors[0]?.message ?? 'the variables do not fit');
    const variables = Object.fromEntries(
      Object.entries(payload.variables).filter(([name]) => query.variableNames.includes(name)),
    );
    return { query, variables, context, ...argumentsOf(schema, query.field, coerced) };
  };
}

function argumentsOf(
  schema: GraphQLSchema,
  field: FieldNode,
  variables: Record<string, unknown>,
): Pick<StreamRequest, 'after' | 'conversationId' | 'kinds'> {
  const definition = schema.getSubscriptionType()?.getFields()[field.name.value];
  if (definition === undefined || field.name.value !== 'inboxEvents')
    throw refusal('BAD_REQUEST', 'subscribe to inboxEvents');
  const { after, conversationId, kinds } = readArguments(definition, field, variables);
  const parsedId =
    typeof conversationId === 'string' ? parseId<NonNullable<StreamRequest['conversationId']>>(conversationId) : null;
  if (typeof conversationId === 'string' && parsedId === null) {
    throw refusal('BAD_USER_INPUT', 'conversationId is no id of a conversation');
  }
  return {
    after: typeof after === 'string' ? after : null,
    conversationId: parsedId,
    kinds: Array.isArray(kinds) ? inboxEventKinds.filter((kind) => kinds.includes(kind)) : null,
  };
}

function readArguments(
  ...[definition, field, variables]: Parameters<typeof getArgumentValues>
): Record<string, unknown> {
  try {
    return getArgumentValues(definition, field, variables);
  } catch (cause) {
    if (cause instanceof GraphQLError) throw refusal('BAD_USER_INPUT', cause.message);
    throw cause;
  }
}
