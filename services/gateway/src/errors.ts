import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { Logger } from '@crossdesk/service-kit';

/** Every code a client can get. An error with any other code is a bug of the server and is answered as INTERNAL. */
export const errorCodes = [
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'QUERY_TOO_LARGE',
  'QUERY_TOO_COSTLY',
  'INTROSPECTION_DISABLED',
  'RATE_LIMITED',
  'SUBGRAPH_UNAVAILABLE',
  'TOO_MANY_SUBSCRIPTIONS',
  'CURSOR_INVALID',
  'CURSOR_EXPIRED',
  'SLOW_CONSUMER',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** The only `extensions` that clients see besides the code. */
const detailNames = ['limit', 'actual', 'unit', 'retryAfterSeconds', 'subgraph', 'missing', 'requestId'];

export function refusal(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

/** Long enough for what we say; an error that repeats what a client sent is cut there. */
const messageCharactersMax = 500;

export function shortened(message: string): string {
  return message.length > messageCharactersMax ? `${message.slice(0, messageCharactersMax)}…` : message;
}

export function codeOf(error: GraphQLError): ErrorCode | null {
  return errorCodes.find((code) => code === error.extensions['code']) ?? null;
}

export interface ErrorScope {
  readonly log: Logger;
  readonly requestId: string;
}

export function internalError(
  requestId: string,
  place: Pick<GraphQLErrorOptions, 'nodes' | 'path'> = {},
): GraphQLError {
  return new GraphQLError('Something went wrong on our side; try again. The request id helps to find it.', {
    ...place,
    extensions: { code: 'INTERNAL', requestId },
  });
}

/** The error as a client may see it: a known code with its details, or INTERNAL with the request id to look for in the log. */
export function publicError(error: GraphQLError, { log, requestId }: ErrorScope): GraphQLError {
  const code = codeOf(error);
  const place = {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.path === undefined ? {} : { path: error.path }),
  };
  if (code === null || code === 'INTERNAL') {
    if (code === null) log.error({ err: error, requestId }, 'unexpected error in an answer');
    return internalError(requestId, place);
  }
  const details = detailNames.filter((name) => name in error.extensions).map((name) => [name, error.extensions[name]]);
  return new GraphQLError(shortened(error.message), { ...place, extensions: { code, ...Object.fromEntries(details) } });
}

/** The body of an answer with errors only. */
export function errorBody(errors: readonly GraphQLError[]): string {
  return JSON.stringify({ errors: errors.map((error) => error.toJSON()) });
}
