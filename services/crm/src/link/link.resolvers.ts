import { type ConversationId, parseId } from '@crossdesk/contracts';
import type { ConversationReference, LinkRow } from '../crm.loaders.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';

async function linkOf({ id }: ConversationReference, ctx: GraphqlContext): Promise<LinkRow | null> {
  const conversationId = parseId<ConversationId>(id);
  return conversationId === null ? null : ctx.loaders.links.load(conversationId);
}

export const linkResolvers: Resolvers = {
  Conversation: {
    __resolveReference: ({ id }) => ({ id }),
    customer: async (conversation, _, ctx) => {
      const customerId = (await linkOf(conversation, ctx))?.customer_id ?? null;
      return customerId === null ? null : ctx.loaders.customers.load(customerId);
    },
    orderLink: async (conversation, _, ctx) => {
      const link = await linkOf(conversation, ctx);
      if (link === null || link.order_id === null || link.confidence === null || link.reason === null) return null;
      return {
        order: { id: link.order_id },
        confidence: link.confidence,
        reason: link.reason,
        linkedAt: link.linked_at,
      };
    },
  },
};
