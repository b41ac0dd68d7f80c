import type { ConversationId, MessageId } from '@crossdesk/contracts';
import { inputId, signedIn, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { markSeen } from './mark-seen.commands.ts';
import { readMarksOf } from '../conversation/read-mark.store.ts';

export const readMarkResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    markSeen: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = {
        conversationId: inputId<ConversationId>(input.conversationId),
        upToMessageId: inputId<MessageId>(input.upToMessageId),
      };
      const outcome = await runtime.commands.asked(request, 'markSeen', (call) => markSeen(runtime, call, wanted));
      return toPayload('conversation', outcome);
    },
  },
  Conversation: {
    myUnreadCount: async ({ id, inboundSeq }, _, { loaders, request }) => {
      const read = (await loaders.load(readMarksOf, id, signedIn(request).agentId)) ?? 0;
      return Math.max(0, inboundSeq - read);
    },
  },
};
