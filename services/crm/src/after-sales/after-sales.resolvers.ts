import type { CustomerId } from '@crossdesk/contracts';
import { connectionOf, counted, countResolvers, decodeKeyset, encodeKeyset, pageSize } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';

interface PageArgs {
  readonly first: number;
  readonly after?: string | null | undefined;
}

async function returnsPage(customerId: CustomerId, args: PageArgs, { loaders }: GraphqlContext) {
  const first = pageSize(args.first);
  const found = await loaders.returnsOf.load({ customerId, first, after: decodeKeyset(args.after) });
  const page = connectionOf(found, { first, after: args.after }, encodeKeyset, (row) => row);
  return counted(page, () => loaders.returnCounts.load(customerId));
}

async function casesPage(customerId: CustomerId, args: PageArgs, { loaders }: GraphqlContext) {
  const first = pageSize(args.first);
  const found = await loaders.casesOf.load({ customerId, first, after: decodeKeyset(args.after) });
  const page = connectionOf(found, { first, after: args.after }, encodeKeyset, ({ id }) => ({ id }));
  return counted(page, () => loaders.caseCounts.load(customerId));
}

export const afterSalesResolvers: Resolvers = {
  Customer: {
    returns: ({ id }, args, context) => returnsPage(id, args, context),
    cases: ({ id }, args, context) => casesPage(id, args, context),
  },
  CustomerReturnConnection: countResolvers,
  CustomerCaseConnection: countResolvers,
  CustomerReturn: {
    order: ({ id }) => ({ id }),
    account: ({ account_id: id }) => ({ id }),
    openedAt: ({ at }) => at,
    endedAt: ({ ended_at: at }) => at,
  },
};
