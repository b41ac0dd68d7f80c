import { expect } from '@jest/globals';
import type { Api } from './api.ts';

interface Chains {
  readonly operator: {
    readonly auditEntries: {
      readonly edges: readonly { readonly node: { readonly action: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
      readonly unavailableServices: readonly string[];
    };
  };
}

const query = `query ($after: String) { operator { auditEntries(first: 100, after: $after) {
  edges { node { action } } pageInfo { hasNextPage endCursor } unavailableServices } } }`;

/** The actions in the audit chains of all services, as an admin sees them. */
export async function auditedActions(admin: Api): Promise<string[]> {
  const actions: string[] = [];
  for (let after: string | null = null; ;) {
    const { auditEntries }: Chains['operator'] = (await admin.ask<Chains>(query, { after })).operator;
    expect(auditEntries.unavailableServices).toEqual([]);
    actions.push(...auditEntries.edges.map(({ node }) => node.action));
    if (!auditEntries.pageInfo.hasNextPage) return actions;
    after = auditEntries.pageInfo.endCursor;
  }
}
