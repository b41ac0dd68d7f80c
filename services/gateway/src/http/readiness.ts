import { orAborted, type SubgraphSource } from '../federation/subgraph-source.ts';

/** Names of the subgraphs that do not answer within the time given. */
export async function silentSubgraphs(sources: readonly SubgraphSource[], timeoutMs: number): Promise<string[]> {
  const areAlive = await Promise.all(sources.map((source) => isAlive(source, timeoutMs)));
  return sources.filter((_, index) => areAlive[index] !== true).map(({ name }) => name);
}

async function isAlive(source: SubgraphSource, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { data } = await orAborted(source.probe(signal), signal);
    return data?.['__typename'] === 'Query';
  } catch {
    // Any failure means not ready.
    return false;
  }
}
