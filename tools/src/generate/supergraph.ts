import { type ServiceName, serviceNames } from '@crossdesk/contracts';
import { composeServices } from '@apollo/composition';
import { readSdl } from '@crossdesk/service-kit';
import { join } from 'node:path';
import { parse } from 'graphql';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

/** The SDL of a service, hand-written. */
export function readSubgraphSdl(service: ServiceName): string {
  return readSdl(join(root, 'services', service));
}

/** Composes the subgraphs into the supergraph that the gateway loads. */
export function generateSupergraph(): Generated {
  const definitions = serviceNames.map((name) => ({
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
