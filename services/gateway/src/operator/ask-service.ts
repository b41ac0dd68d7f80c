import type { ServiceName } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { codeOf } from '../errors.ts';
import { orAborted, type SubgraphAnswer, type SubgraphSource } from '../federation/subgraph-source.ts';

export interface ServiceQuestion {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isMutation: boolean;
}

/**
 * Asks one service for fields that are no part of the supergraph; null when it does not answer.
 *
 * @throws GraphQLError the refusal of the service
 */
export type AskService = (
  service: ServiceName,
  question: ServiceQuestion,
) => Promise<Readonly<Record<string, unknown>> | null>;

/** A list is shown without a service that takes longer than this: operators look when something hangs. */
const listWithinMs = 2_000;

export function createAskService(
  sources: readonly SubgraphSource[],
  timeoutMs: number,
  context: RequestContext,
): AskService {
  return async (service, { query, variables, isMutation }) => {
    const source = sources.find(({ name }) => name === service);
    if (source === undefined) return null;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), isMutation ? timeoutMs : Math.min(timeoutMs, listWithinMs));
    const request = { query, variables: { ...variables }, operationName: undefined };
    try {
      return dataOf(await orAborted(source.ask({ request, context, isMutation, signal: late.signal }), late.signal));
    } catch (problem) {
      if (problem instanceof GraphQLError) throw problem;
      return null;
    } finally {
      clearTimeout(timer);
    }
  };
}

function dataOf({ data, errors = [] }: SubgraphAnswer): Readonly<Record<string, unknown>> | null {
  for (const { message, extensions = {} } of errors) {
    const refusal = new GraphQLError(message, { extensions });
    // A service with a fault of its own is like one that does not answer.
    if (codeOf(refusal) !== null && codeOf(refusal) !== 'INTERNAL') throw refusal;
  }
  return errors.length > 0 ? null : (data ?? null);
}
