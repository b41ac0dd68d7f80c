import { createSubgraph, type Logger, readSdl, type Subgraph } from '@crossdesk/service-kit';
import { join } from 'node:path';
import type { SubgraphSource } from './federation/subgraph-source.ts';
import type { GraphqlContext } from './graphql-context.ts';
import type { Presence } from './presence/presence.ts';
import { presenceResolvers } from './presence/presence.resolvers.ts';
import { createNodeLoader } from './node/node.loader.ts';
import { nodeResolvers } from './node/node.resolvers.ts';
import { createAskService } from './operator/ask-service.ts';
import { operatorResolvers } from './operator/operator.resolvers.ts';

const ownSubgraphName = 'gateway';

export interface OwnSubgraphDeps {
  readonly sources: readonly SubgraphSource[];
  readonly timeoutMs: number;
  readonly presence: Presence;
  readonly log: Logger;
}

/** The fields that are answered from several services at once (ADR 0053), or that only the gateway knows. */
export function createOwnSubgraph({ sources, timeoutMs, presence, log }: OwnSubgraphDeps): Subgraph {
  return createSubgraph<GraphqlContext>({
    name: ownSubgraphName,
    sdl: readSdl(join(import.meta.dirname, '..')),
    resolvers: [nodeResolvers, operatorResolvers, presenceResolvers],
    log,
    context: (request) => {
      const ask = createAskService(sources, timeoutMs, request);
      return { request, ask, nodes: createNodeLoader(ask), presence };
    },
  });
}
