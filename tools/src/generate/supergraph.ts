import { serviceNames } from '@crossdesk/contracts';
import { composeServices } from '@apollo/composition';
import { readSdl } from '@crossdesk/service-kit';
import { join } from 'node:path';
import { parse } from 'graphql';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

/** The services, and the gateway with the fields that it answers from several of them. */
export const subgraphNames = [...serviceNames, 'gateway'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

/** The SDL of a subgraph, hand-written. */
export function readSubgraphSdl(name: SubgraphName): string {
  return readSdl(join(root, 'services', name));
}

/** Composes the subgraphs into the supergraph that the gateway loads. */
export function generateSupergraph(): Generated {
  const definitions = subgraphNames.map((name) => ({
    name,
    typeDefs: parse(readSubgraphSdl(name)),
    // The address of a subgraph is configuration of the gateway; the name identifies it.
    url: `http://${name}.invalid/graphql`,
  }));
  const { errors, supergraphSdl } = composeServices(definitions);
  if (supergraphSdl === undefined) {
    const refusals = (errors ?? []).map((error) => `the subgraphs do not compose: ${error.message}`);
    return { files: [], refusals, notes: [] };
  }
  const text = `# ${generatedMark}\n${supergraphSdl.trim()}\n`;
  return { files: [{ path: 'services/gateway/supergraph.graphql', text }], refusals: [], notes: [] };
}
