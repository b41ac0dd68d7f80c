import type { AgentId } from '@crossdesk/contracts';
import { inputId } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import { transferConversation } from './transfer.commands.ts';

export const transferResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    transferConversation: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = { ...changeOf(input), agentId: inputId<AgentId>(input.agentId), reason: input.reason };
      const outcome = await runtime.commands.asked(request, 'transferConversation', (call) =>
        transferConversation(runtime, call, wanted),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
};
