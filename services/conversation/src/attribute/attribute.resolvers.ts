import { fromEnum, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import { changeOf, conversationPayload } from '../conversation/conversation.resolvers.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { saveAttribute, setConversationAttributes } from './attribute.commands.ts';
import { attributeTypes } from './attribute.domain.ts';
import { attributesOf, attributesOfConversations } from './attribute.store.ts';

export const attributeResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    attributes: async (_, { includeArchived }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const all = await runtime.db.forTenant(tenantId, (trx) => attributesOf(trx, tenantId));
      return all.filter(({ isArchived }) => includeArchived || !isArchived);
    },
  },
  Mutation: {
    saveAttribute: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const { choices = [], isFilterable = false, isArchived = false } = input;
      const wish = {
        ...{ key: input.key, labelZh: input.labelZh, labelEn: input.labelEn },
        ...{ type: fromEnum(attributeTypes, input.type), isFilterable, isArchived },
        choices: choices.map((choice) => ({ ...choice, isArchived: choice.isArchived ?? false })),
        expectedVersion: input.expectedVersion ?? null,
      };
      const outcome = await runtime.commands.asked(request, 'saveAttribute', (call) =>
        saveAttribute(runtime, call, wish),
      );
      return toPayload('attribute', outcome);
    },
    setConversationAttributes: async (_, { input }, { app: { runtime }, request }) => {
      const values = input.values.map(({ key, value }) => ({ key, value: value ?? null }));
      const outcome = await runtime.commands.asked(request, 'setConversationAttributes', (call) =>
        setConversationAttributes(runtime, call, { ...changeOf(input), values }),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
  Conversation: {
    attributes: async ({ id }, _, { loaders }) => (await loaders.load(attributesOfConversations, id)) ?? [],
  },
  Attribute: { type: ({ type }) => toEnum(type), choices: ({ choices }) => [...choices] },
};
