import { serviceNames } from '@crossdesk/contracts';
import { composeServices } from '@apollo/composition';
import { readSdl } from '@crossdesk/service-kit';
import { join } from 'node:path';
import { type GraphQLSchema, parse } from 'graphql';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

/** The services, and the gateway with the fields that it answers from several of them. */
export const subgraphNames = [...serviceNames, 'gateway'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

/** The SDL of a subgraph, hand-written. */
export function readSubgraphSdl(name: SubgraphName): string {
  return readSdl(join(root, 'services', name));
}

function compose() {
  return composeServices(
    subgraphNames.map((name) => ({
      name,
      typeDefs: parse(readSubgraphSdl(name)),
      // The address of a subgraph is configuration of the gateway; the name identifies it.
      url: `http://${name}.invalid/graphql`,
    })),
  );
}

/** The schema that clients see. @throws Error when the subgraphs do not compose */
export function apiSchema(): GraphQLSchema {
  const { schema } = compose();
  if (schema === undefined) throw new Error('the subgraphs do not compose');
  return schema.toAPISchema().toGraphQLJSSchema();
}

/** Composes the subgraphs into the supergraph that the gateway loads. */
export function generateSupergraph(): Generated {
  const { errors, supergraphSdl } = compose();
  if (supergraphSdl === undefined) {
    const refusals = (errors ?? []).map((error) => `the subgraphs do not compose: ${error.message}`);
    return { files: [], refusals, notes: [] };
  }
  const text = `# ${generatedMark}\n${supergraphSdl.trim()}\n`;
  return { files: [{ path: 'services/gateway/supergraph.graphql', text }], refusals: [], notes: [] };
}
