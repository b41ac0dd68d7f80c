import type { AgentId, ConversationId } from '@crossdesk/contracts';
import { inputId, type RequestContext, signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { App, GraphqlContext } from '../graphql-context.ts';
import { changeMember } from './member.commands.ts';
import type { MemberStep } from './member.domain.ts';
import { membersOfConversations } from './member.store.ts';

export const memberResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    watchConversation: (_, { input }, context) => follow('watchConversation', 'watch', input, context),
    unwatchConversation: (_, { input }, context) => follow('unwatchConversation', 'unwatch', input, context),
    addConversationMember: (_, { input }, context) => change('addConversationMember', 'add', input, context),
    removeConversationMember: (_, { input }, context) => change('removeConversationMember', 'remove', input, context),
  },
  Conversation: {
    members: async ({ id }, _, { loaders }) => (await loaders.load(membersOfConversations, id)) ?? [],
  },
  ConversationMember: {
    agent: ({ agentId }, _, { loaders }) => loaders.loadPresent(agentsByIds, agentId),
    role: ({ role }) => toEnum(role),
    addedBy: ({ addedBy }, _, { loaders }) => (addedBy === null ? null : loaders.load(agentsByIds, addedBy)),
  },
};

async function follow(
  action: string,
  step: MemberStep,
  { conversationId }: graphql.WatchConversationInput,
  context: GraphqlContext,
) {
  // A person who comes through an external provider for the first time becomes an agent here.
  await agentBehind(context.app.runtime, context.request);
  return change(action, step, { conversationId, agentId: signedIn(context.request).agentId }, context);
}

async function change(
  action: string,
  step: MemberStep,
  input: graphql.ConversationMemberInput,
  { app: { runtime }, request }: { readonly app: App; readonly request: RequestContext },
) {
  const wanted = {
    conversationId: inputId<ConversationId>(input.conversationId),
    agentId: inputId<AgentId>(input.agentId),
    step,
  };
  const outcome = await runtime.commands.asked(request, action, (call) => changeMember(runtime, call, wanted));
  return toPayload('conversation', outcome);
}
