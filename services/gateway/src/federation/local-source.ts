import type { Subgraph } from '@crossdesk/service-kit';
import { ownContext } from '../trace.ts';
import { signOfLife, type SubgraphSource } from './subgraph-source.ts';

/** A subgraph of the same process: called directly, nothing is serialised. */
export function localSource(subgraph: Subgraph): SubgraphSource {
  return {
    name: subgraph.name,
    ask: ({ request, context }) => subgraph.execute(request, context),
    probe: () => subgraph.execute(signOfLife, ownContext()),
    stop: async () => undefined,
  };
}
