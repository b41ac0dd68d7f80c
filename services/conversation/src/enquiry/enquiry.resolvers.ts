import { fromEnum, signedIn, toEnum } from '@crossdesk/service-kit';
import { enquiryTypes } from '../conversation/conversation.domain.ts';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { classifyConversation } from './enquiry.commands.ts';
import { subtypesOf } from './enquiry.store.ts';

export const enquiryResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    enquirySubtypes: (_, __, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => subtypesOf(trx, tenantId));
    },
  },
  Mutation: {
    classifyConversation: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { ...changeOf(input), type: fromEnum(enquiryTypes, input.type), subtype: input.subtype ?? null };
      const outcome = await runtime.commands.asked(request, 'classifyConversation', (call) =>
        classifyConversation(runtime, call, wish),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
  Conversation: { buyerLanguage: ({ language }) => language },
  Enquiry: { type: ({ type }) => toEnum(type), isByPerson: ({ by }) => by === 'person' },
  EnquirySubtype: { type: ({ type }) => toEnum(type) },
};
