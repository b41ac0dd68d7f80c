import { type ConversationId, parseId } from '@crossdesk/contracts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { LinkRow } from '../crm.loaders.ts';

interface Reference {
  readonly id: string;
}

async function linkOf({ id }: Reference, ctx: GraphqlContext): Promise<LinkRow | null> {
  const conversationId = parseId<ConversationId>(id);
  return conversationId === null ? null : ctx.loaders.links.load(conversationId);
}

export const conversationResolvers = {
  __resolveReference: ({ id }: Reference) => ({ id }),
  customer: async (conversation: Reference, _: unknown, ctx: GraphqlContext) => {
    const customerId = (await linkOf(conversation, ctx))?.customer_id ?? null;
    return customerId === null ? null : ctx.loaders.customers.load(customerId);
  },
  orderLink: async (conversation: Reference, _: unknown, ctx: GraphqlContext) => {
    const link = await linkOf(conversation, ctx);
    if (link === null || link.order_id === null) return null;
    return { order: { id: link.order_id }, confidence: link.confidence, reason: link.reason, linkedAt: link.linked_at };
  },
};
