import type { AgentId, TeamId } from '@crossdesk/contracts';
import { inputId, refuse } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import { transferConversation } from './transfer.commands.ts';
import type { Receiver } from './transfer.domain.ts';

export const transferResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    transferConversation: async (_, { input }, { app: { runtime }, request }) => {
      const receiver = receiverIn(input);
      const wanted = { ...changeOf(input), reason: input.reason };
      const outcome =
        receiver === null
          ? noReceiver
          : await runtime.commands.asked(request, 'transferConversation', (call) =>
              transferConversation(runtime, call, { ...wanted, receiver }),
            );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
};

const noReceiver = refuse('INVALID_INPUT', 'agentId', 'Give exactly one of agentId and teamId.');

function receiverIn({ agentId, teamId }: graphql.TransferConversationInput): Receiver | null {
  if (typeof agentId === 'string' && typeof teamId !== 'string') return { agentId: inputId<AgentId>(agentId) };
  if (typeof teamId === 'string' && typeof agentId !== 'string') return { teamId: inputId<TeamId>(teamId) };
  return null;
}
