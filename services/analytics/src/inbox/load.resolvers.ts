import { type AgentId, parseId, type TeamId } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { loadsOfAgents, loadsOfTeams, noLoad } from './load.store.ts';

export const loadResolvers: Resolvers = {
  Agent: {
    __resolveReference: ({ id }) => ({ id }),
    inbox: async ({ id: text }, _, { loaders, request }) => {
      signedIn(request);
      const id = parseId<AgentId>(text);
      return id === null ? noLoad : ((await loaders.load(loadsOfAgents, id)) ?? noLoad);
    },
  },
  Team: {
    __resolveReference: ({ id }) => ({ id }),
    inbox: async ({ id: text }, _, { loaders, request }) => {
      signedIn(request);
      const id = parseId<TeamId>(text);
      return id === null ? noLoad : ((await loaders.load(loadsOfTeams, id)) ?? noLoad);
    },
  },
};
