import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import type { CrmService } from '../src/app.ts';

/** Who decides. */
export const supervisorId = newId<AgentId>();

interface Edge {
  readonly evidence: string;
  readonly profileIds: readonly string[];
  readonly key: string | null;
}

export interface Shown {
  readonly id: string;
  readonly displayName: string | null;
  readonly profiles: readonly { readonly id: string; readonly externalId: string | null }[];
  readonly mergeEdges: readonly Edge[];
}

/** What is asked of each customer. */
export const shown = `id displayName profiles { id externalId displayName account { id } }
  mergeEdges { evidence profileIds key confidence since decidedBy { id } reason }`;

interface Answer {
  readonly customers: readonly { readonly id: string }[];
  readonly stillJoinedBy: readonly Edge[];
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

export const byText = (one: string, other: string) => (one < other ? -1 : 1);

/** Questions and decisions about who is who, through the API of a service. */
export function createDesk(service: () => CrmService) {
  async function as<Result>(
    tenantId: TenantId,
    query: string,
    variables: object = {},
    role: 'agent' | 'supervisor' = 'supervisor',
  ): Promise<Result> {
    const { data, errors } = await ask(service().subgraph, anAgent(tenantId, role, supervisorId), query, {
      ...variables,
    });
    if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
    return data as Result;
  }

  async function customersOf(tenantId: TenantId): Promise<Shown[]> {
    const query = `{ customers(first: 100) { edges { node { ${shown} } } } }`;
    const { customers } = await as<{ customers: { edges: { node: Shown }[] } }>(tenantId, query);
    return customers.edges.map(({ node }) => node);
  }

  /** Who is one customer, by the ids of their platforms. */
  async function groupsOf(tenantId: TenantId): Promise<string[]> {
    const names = (await customersOf(tenantId)).map(({ profiles }) =>
      profiles
        .map(({ externalId }) => externalId ?? '')
        .sort(byText)
        .join('+'),
    );
    return names.sort();
  }

  async function profilesOf(tenantId: TenantId): Promise<Map<string, string>> {
    const customers = await customersOf(tenantId);
    return new Map(
      customers.flatMap(({ profiles }) => profiles.map(({ id, externalId }) => [externalId ?? '', id] as const)),
    );
  }

  async function decide(
    tenantId: TenantId,
    name: string,
    input: object,
    role: 'agent' | 'supervisor' = 'supervisor',
  ): Promise<Answer> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) {
    customers { id } stillJoinedBy { evidence profileIds key } errors { code message } } }`;
    const answer = (await as<Record<string, Answer>>(tenantId, query, { input }, role))[name];
    if (answer === undefined) throw new Error(`no answer to ${name}`);
    return answer;
  }

  return { as, customersOf, groupsOf, profilesOf, decide };
}
