import { createSubgraph, type Logger, readSdl, type Subgraph } from '@crossdesk/service-kit';
import { join } from 'node:path';
import type { SubgraphSource } from './federation/subgraph-source.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { createNodeLoader } from './node/node.loader.ts';
import { nodeResolvers } from './node/node.resolvers.ts';
import { createAskService } from './operator/ask-service.ts';
import { operatorResolvers } from './operator/operator.resolvers.ts';

const ownSubgraphName = 'gateway';

/** The fields that are answered from several services at once (ADR 0053). */
export function createOwnSubgraph(sources: readonly SubgraphSource[], timeoutMs: number, log: Logger): Subgraph {
  return createSubgraph<GraphqlContext>({
    name: ownSubgraphName,
    sdl: readSdl(join(import.meta.dirname, '..')),
    resolvers: [nodeResolvers, operatorResolvers],
    log,
    context: (request) => {
      const ask = createAskService(sources, timeoutMs, request);
      return { request, ask, nodes: createNodeLoader(ask) };
    },
  });
}
