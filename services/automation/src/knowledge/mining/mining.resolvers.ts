import type { ConversationId } from '@crossdesk/contracts';
import { inputId, signedIn, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { draftArticle } from './draft.commands.ts';
import { similarArticles } from './similar.ts';

const similarMax = 20;

export const miningResolvers: graphql.Resolvers = {
  Mutation: {
    draftArticleFromConversation: async (_, { input }, { app: { runtime }, request }) => {
      signedIn(request);
      const conversationId = inputId<ConversationId>(input.conversationId);
      const outcome = await runtime.commands.asked(request, 'draftArticleFromConversation', (call) =>
        draftArticle(runtime, call, conversationId),
      );
      return toPayload('article', outcome);
    },
  },
  Article: {
    similar: (article, { first }, { app: { knowledge } }) =>
      similarArticles(knowledge, article, Math.min(similarMax, Math.max(1, first))),
  },
};
