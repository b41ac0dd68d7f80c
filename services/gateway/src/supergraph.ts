import { readFile } from 'node:fs/promises';

/** The supergraph that the services' schemas compose to, as it was generated and committed. */
export function readSupergraph(): Promise<string> {
  return readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8');
}
