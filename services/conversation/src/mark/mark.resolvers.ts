import { fromEnum, toEnum } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import { markKinds, markVerdicts } from '../conversation/marks.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { judgeMark } from './mark.commands.ts';
import { shownMarks } from './shown-mark.domain.ts';

export const markResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    judgeMark: async (_, { input }, { app: { runtime }, request }) => {
      const wish = {
        ...changeOf(input),
        kind: fromEnum(markKinds, input.mark),
        verdict: input.verdict ? fromEnum(markVerdicts, input.verdict) : null,
      };
      const outcome = await runtime.commands.asked(request, 'judgeMark', (call) => judgeMark(runtime, call, wish));
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
  Conversation: { marks: shownMarks },
  ConversationMark: {
    kind: ({ kind }) => toEnum(kind),
    derived: ({ mark }) => mark?.derived ?? null,
    word: ({ mark }) => mark?.word ?? null,
  },
  DerivedMark: {
    reasons: ({ reasons }) => reasons.map((reason) => reason.toUpperCase()),
    messageId: ({ evidence }) => evidence[0] ?? null,
  },
  MarkWord: {
    verdict: ({ verdict }) => toEnum(verdict),
    agent: ({ by }, _, { loaders }) => loaders.load(agentsByIds, by),
  },
};
