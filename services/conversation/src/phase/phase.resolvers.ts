import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import { closeConversation, reopenConversation, snoozeConversation } from './phase.commands.ts';

export const phaseResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    closeConversation: async (_, { input }, { app: { runtime }, request }) => {
      const outcome = await runtime.commands.asked(request, 'closeConversation', (call) =>
        closeConversation(runtime, call, changeOf(input)),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    snoozeConversation: async (_, { input }, { app: { runtime, nudgeWaker }, request }) => {
      const outcome = await runtime.commands.asked(request, 'snoozeConversation', (call) =>
        snoozeConversation(runtime, call, { ...changeOf(input), until: input.until ?? null }),
      );
      nudgeWaker();
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    reopenConversation: async (_, { input }, { app: { runtime }, request }) => {
      const outcome = await runtime.commands.asked(request, 'reopenConversation', (call) =>
        reopenConversation(runtime, call, changeOf(input)),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
};
