import { type CustomerId, parseId } from '@crossdesk/contracts';
import { pageSize, signedIn, toEnum } from '@crossdesk/service-kit';
import type { CustomerRow, IdentityRow } from '../crm.loaders.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';

async function customerById({ id }: { id: string }, ctx: GraphqlContext): Promise<CustomerRow | null> {
  signedIn(ctx.request);
  const customerId = parseId<CustomerId>(id);
  return customerId === null ? null : ctx.loaders.customers.load(customerId);
}

export const customerResolvers: Resolvers = {
  Query: { customer: (_, args, ctx) => customerById(args, ctx) },
  Customer: {
    __resolveReference: (reference, ctx) => customerById(reference, ctx),
    displayName: (customer) => customer.display_name,
    avatarUrl: (customer) => customer.avatar_url,
    firstSeenAt: (customer) => customer.first_seen_at,
    identities: async (customer, _, ctx) => (await ctx.loaders.identities.load(customer.id)).map(identityOf),
    conversations: (customer, { first }, ctx) =>
      ctx.loaders.conversationsOf.load({ customerId: customer.id, first: pageSize(first) }),
    orders: (customer, { first }, ctx) =>
      ctx.loaders.ordersOf.load({ customerId: customer.id, first: pageSize(first) }),
  },
};

function identityOf(row: IdentityRow) {
  return {
    kind: toEnum(row.kind),
    value: row.value,
    account: row.kind === 'platform' ? { id: row.account_id } : null,
    firstSeenAt: row.first_seen_at,
  };
}
