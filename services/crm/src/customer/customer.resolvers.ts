import { type CustomerId, parseId } from '@crossdesk/contracts';
import { pageSize, signedIn } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { CustomerRow, IdentityRow } from '../crm.loaders.ts';

export async function customerById({ id }: { id: string }, ctx: GraphqlContext): Promise<CustomerRow | null> {
  signedIn(ctx.request);
  const customerId = parseId<CustomerId>(id);
  return customerId === null ? null : ctx.loaders.customers.load(customerId);
}

export const customerResolvers = {
  __resolveReference: customerById,
  displayName: (customer: CustomerRow) => customer.display_name,
  avatarUrl: (customer: CustomerRow) => customer.avatar_url,
  firstSeenAt: (customer: CustomerRow) => customer.first_seen_at,
  identities: async (customer: CustomerRow, _: unknown, ctx: GraphqlContext) =>
    (await ctx.loaders.identities.load(customer.id)).map(identityOf),
  conversations: (customer: CustomerRow, { first }: { first: number }, ctx: GraphqlContext) =>
    ctx.loaders.conversationsOf.load({ customerId: customer.id, first: pageSize(first) }),
  orders: (customer: CustomerRow, { first }: { first: number }, ctx: GraphqlContext) =>
    ctx.loaders.ordersOf.load({ customerId: customer.id, first: pageSize(first) }),
};

function identityOf(row: IdentityRow) {
  return {
    kind: row.kind.toUpperCase(),
    value: row.value,
    account: row.kind === 'platform' ? { id: row.account_id } : null,
    firstSeenAt: row.first_seen_at,
  };
}
