import type { ConversationId } from '@crossdesk/contracts';
import { inputId, signedIn, toEnum } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import { lintReply } from './lint-reply.ts';

const textCharactersMax = 10_000;

export const lintResolvers: graphql.Resolvers = {
  Query: {
    lintReply: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const { text, locale = null } = input;
      if (text.length > textCharactersMax) throw tooLong();
      const conversationId = inputId<ConversationId>(input.conversationId);
      return runtime.db.forTenant(tenantId, (trx) =>
        lintReply(trx, tenantId, { conversationId, text, locale }, runtime.clock.now()),
      );
    },
  },
  LintFinding: {
    rule: ({ rule }) => toEnum(rule),
    severity: ({ severity }) => toEnum(severity),
    message: ({ message }, { locale }) => (locale.toLowerCase().startsWith('zh') ? message.zh : message.en),
  },
};

function tooLong(): GraphQLError {
  return new GraphQLError(`the text has more than ${textCharactersMax} characters: shorten it`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
