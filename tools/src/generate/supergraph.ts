import { composeServices } from '@apollo/composition';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'graphql';
import { root, type Subgraph, subgraphs } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

/** The SDL a service owns, hand-written. */
export function readSubgraphSdl(service: Subgraph): Promise<string> {
  return readFile(join(root, 'services', service, 'schema.graphql'), 'utf8');
}

/** Composes the subgraphs into what the gateway loads. */
export async function generateSupergraph(): Promise<Generated> {
  const definitions = await Promise.all(
    subgraphs.map(async (name) => ({
      name,
      typeDefs: parse(await readSubgraphSdl(name)),
      // Where a subgraph is reached is configuration of the gateway; the name identifies it.
      url: `http://${name}.invalid/graphql`,
    })),
  );
  const { errors, supergraphSdl } = composeServices(definitions);
  if (supergraphSdl === undefined) {
    const refusals = (errors ?? []).map((error) => `the subgraphs do not compose: ${error.message}`);
    return { files: [], refusals, notes: [] };
  }
  const text = `# ${generatedMark}\n${supergraphSdl.trim()}\n`;
  return { files: [{ path: 'services/gateway/supergraph.graphql', text }], refusals: [], notes: [] };
}
