import { readFile } from 'node:fs/promises';

/** The supergraph composed of the services' schemas, as generated and committed. */
export function readSupergraph(): Promise<string> {
  return readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8');
}
