import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { waitFor } from './waiting/wait-for.ts';
import type { Caller, RequestContext, Role, Subgraph } from '@crossdesk/service-kit';

export function requestAs(caller: Caller): RequestContext {
  return {
    caller,
    requestId: newId(),
    traceparent: `00-${newId().replaceAll('-', '')}-00f067aa0ba902b7-01`,
    clientAddress: '127.0.0.1',
    userAgent: '',
  };
}

/** A caller of a workspace. */
export function anAgent(tenantId: TenantId, role: Role = 'agent', agentId: AgentId = newId<AgentId>()): Caller {
  return { kind: 'agent', tenantId, agentId, role, authenticatedAtMs: Date.now() };
}

export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly { readonly message: string; readonly code: unknown }[];
}

/** Sends a query to a subgraph as the gateway would. */
export async function ask(
  subgraph: Subgraph,
  caller: Caller,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlAnswer> {
  const answering = subgraph.execute({ query, variables, operationName: undefined }, requestAs(caller));
  const { data, errors } = await waitFor(`an answer to ${query.slice(0, 60)}`, Promise.resolve(answering));
  // Results have null prototypes inside; a round trip makes them comparable with plain objects.
  const plain: unknown = data === undefined || data === null ? null : JSON.parse(JSON.stringify(data));
  return {
    data: plain,
    errors: (errors ?? []).map(({ message, extensions }) => ({ message, code: extensions['code'] })),
  };
}
