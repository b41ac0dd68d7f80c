import { type CustomerId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  pageSize,
  signedIn,
  toEnum,
} from '@crossdesk/service-kit';
import type DataLoader from 'dataloader';
import type { CustomerRow, IdentityRow, PageOf } from '../crm.loaders.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';

async function customerById({ id }: { id: string }, ctx: GraphqlContext): Promise<CustomerRow | null> {
  signedIn(ctx.request);
  const customerId = parseId<CustomerId>(id);
  return customerId === null ? null : ctx.loaders.customers.load(customerId);
}

export const customerResolvers: Resolvers = {
  Query: {
    customer: (_, args, ctx) => customerById(args, ctx),
  },
  Customer: {
    __resolveReference: (reference, ctx) => customerById(reference, ctx),
    displayName: (customer) => customer.display_name,
    avatarUrl: (customer) => customer.avatar_url,
    firstSeenAt: (customer) => customer.first_seen_at,
    identities: async (customer, _, ctx) => (await ctx.loaders.identities.load(customer.id)).map(identityOf),
    conversations: ({ id }, args, { loaders }) => pageOf(id, args, loaders.conversationsOf, loaders.conversationCounts),
    orders: ({ id }, args, { loaders }) => pageOf(id, args, loaders.ordersOf, loaders.orderCounts),
  },
  CustomerConversationConnection: countResolvers,
  CustomerOrderConnection: countResolvers,
};

/** One page of what belongs to a customer. */
async function pageOf<Node extends { readonly id: string; readonly at: Date }>(
  customerId: CustomerId,
  args: { readonly first: number; readonly after?: string | null | undefined },
  pages: DataLoader<PageOf, Node[], string>,
  counts: DataLoader<CustomerId, number>,
) {
  const first = pageSize(args.first);
  const found = await pages.load({ customerId, first, after: decodeKeyset(args.after) });
  const page = connectionOf(found, { first, after: args.after }, encodeKeyset, ({ id }) => ({ id }));
  return counted(page, () => counts.load(customerId));
}

function identityOf(row: IdentityRow) {
  return {
    kind: toEnum(row.kind),
    value: row.value,
    account: row.kind === 'platform' ? { id: row.account_id } : null,
    firstSeenAt: row.first_seen_at,
  };
}
