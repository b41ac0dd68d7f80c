import { seesAll, signedIn } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { marksOfConversations } from './customer-mark.store.ts';

export const customerMarkResolvers: graphql.Resolvers<GraphqlContext> = {
  Conversation: {
    customerTags: async ({ id }, _, { loaders }) => [...((await loaders.load(marksOfConversations, id))?.tags ?? [])],
    customerTier: async ({ id }, _, { loaders }) => (await loaders.load(marksOfConversations, id))?.tier ?? null,
  },
  CustomerTagOfConversation: {
    agent: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
    ruleId: ({ ruleId }, _, { request }) => (seesAll(signedIn(request)) ? ruleId : null),
    reason: ({ reason }, _, { request }) =>
      reason !== null && seesAll(signedIn(request)) ? { ...reason, values: [...reason.values] } : null,
  },
};
