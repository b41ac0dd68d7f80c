import type { ConversationId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { addConversationTags, removeConversationTags, upsertConversationTag } from './tag.commands.ts';
import { tagColours } from './tag.domain.ts';
import { tagsOf, tagsOfConversations } from './tag.store.ts';

export const tagResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    conversationTags: (_, __, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => tagsOf(trx, tenantId));
    },
  },
  Mutation: {
    addConversationTags: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { conversationId: inputId<ConversationId>(input.conversationId), tags: input.tags };
      const outcome = await runtime.commands.asked(request, 'addConversationTags', (call) =>
        addConversationTags(runtime, call, wish),
      );
      return toPayload('conversation', outcome);
    },
    removeConversationTags: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { conversationId: inputId<ConversationId>(input.conversationId), tags: input.tags };
      const outcome = await runtime.commands.asked(request, 'removeConversationTags', (call) =>
        removeConversationTags(runtime, call, wish),
      );
      return toPayload('conversation', outcome);
    },
    upsertConversationTag: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = { name: input.name, colour: fromEnum(tagColours, input.colour) };
      const outcome = await runtime.commands.asked(request, 'upsertConversationTag', (call) =>
        upsertConversationTag(runtime, call, wish),
      );
      return toPayload('tag', outcome);
    },
  },
  Conversation: {
    tags: async ({ id }, _, { loaders }) => (await loaders.load(tagsOfConversations, id)) ?? [],
  },
  ConversationTag: { colour: ({ colour }) => toEnum(colour) },
};
