import { type ConversationId, parseId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, toEnum } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import { articlesByIds } from '../knowledge/article/article.store.ts';
import { templatesByIds } from '../template/template.store.ts';
import type { SuggestionId } from './suggestion.domain.ts';
import { settleSuggestion } from './settle.commands.ts';
import { suggest } from './suggest.ts';
import { outcomes } from './suggestion.domain.ts';

const repliesMax = 20;

export const suggestionResolvers: graphql.Resolvers = {
  Query: {
    suggestedReplies: async (_, args, { app: { runtime, knowledge }, request }) => {
      const { tenantId } = signedIn(request);
      const id = parseId<ConversationId>(args.conversationId);
      const first = Math.min(repliesMax, Math.max(1, args.first));
      return id === null ? null : suggest({ ...runtime, knowledge }, tenantId, id, first);
    },
  },
  Mutation: {
    settleSuggestion: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = {
        suggestionId: inputId<SuggestionId>(input.suggestionId),
        outcome: fromEnum(outcomes, input.outcome),
      };
      const result = await runtime.commands.asked(request, 'settleSuggestion', (call) =>
        settleSuggestion(runtime, call, wanted),
      );
      return result.ok
        ? { outcome: toEnum(result.value.outcome), errors: [] }
        : { outcome: null, errors: [...result.errors] };
    },
  },
  SuggestedReplies: {
    replies: ({ replies }) => [...replies],
    unfilled: ({ unfilled }) => unfilled.map((one) => ({ ...one, variables: [...one.variables] })),
  },
  SuggestedReply: {
    reasons: ({ reasons }) =>
      reasons
        .toSorted((one, other) => other.points - one.points)
        .map(({ kind, intent, points }) => ({
          kind: toEnum(kind),
          intent: intent === null ? null : toEnum(intent),
          points,
        })),
    template: ({ source }, _, { loaders }) =>
      source.kind === 'template' ? loaders.load(templatesByIds, source.id) : null,
    article: ({ source }, _, { loaders }) =>
      source.kind === 'article' ? loaders.load(articlesByIds, source.id) : null,
    articleVersion: ({ source }) => source.version,
    outcome: ({ outcome }) => (outcome === null ? null : toEnum(outcome)),
  },
};
