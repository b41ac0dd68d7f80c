import { type AgentId, parseId, type TeamId } from '@crossdesk/contracts';
import { inputId, signedIn, signedInAs, toPayload } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { archiveTeam, saveTeam } from './team.commands.ts';
import { teamsByIds, teamsOf, teamsOfAgents } from './team.store.ts';

export const teamResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    teams: (_, __, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => teamsOf(trx, tenantId));
    },
  },
  Mutation: {
    saveTeam: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const teamId = typeof input.teamId === 'string' ? inputId<TeamId>(input.teamId) : null;
      const memberIds = input.memberIds.map((text) => inputId<AgentId>(text));
      const wish = { teamId, name: input.name, memberIds, expectedVersion: input.expectedVersion ?? null };
      const outcome = await runtime.commands.asked(request, 'saveTeam', (call) => saveTeam(runtime, call, wish));
      return toPayload('team', outcome);
    },
    archiveTeam: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = { teamId: inputId<TeamId>(input.teamId), expectedVersion: input.expectedVersion };
      const outcome = await runtime.commands.asked(request, 'archiveTeam', (call) => archiveTeam(runtime, call, wish));
      return toPayload('team', outcome);
    },
  },
  Team: {
    __resolveReference: ({ id: text }, { loaders, request }) => {
      signedIn(request);
      const id = parseId<TeamId>(text);
      return id === null ? null : loaders.load(teamsByIds, id);
    },
    members: async ({ memberIds }, _, { loaders }) => {
      const members = await Promise.all(memberIds.map((id) => loaders.load(agentsByIds, id)));
      return members.filter((member) => member !== null);
    },
  },
  Agent: { teams: async ({ id }, _, { loaders }) => (await loaders.load(teamsOfAgents, id)) ?? [] },
  Conversation: { team: ({ teamId }, _, { loaders }) => (teamId === null ? null : loaders.load(teamsByIds, teamId)) },
};
