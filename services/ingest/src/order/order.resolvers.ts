import { toChannelName } from '@crossdesk/channels';
import { isUuid } from '@crossdesk/contracts';
import { connectionOf, decodeKeyset, encodeKeyset, pageSize, signedIn, toEnum } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { listOrders } from './order.store.ts';

export const orderResolvers: Resolvers = {
  Query: {
    order: (_root, { id }, context) => load(id, context),
    orders: async (_root, args, { request, deps }) => {
      const { tenantId } = signedIn(request);
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const accountId = args.accountId ?? null;
      const isPossible = accountId === null || isUuid(accountId);
      const rows = isPossible
        ? await deps.runtime.db.forTenant(tenantId, (trx) => listOrders(trx, tenantId, { first, after, accountId }))
        : [];
      return connectionOf(
        rows,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.platform_updated_at, id: row.order_id }),
        (row) => row,
      );
    },
  },
  Order: {
    __resolveReference: ({ id }, context) => load(id, context),
    id: (row) => row.order_id,
    externalId: (row) => row.external_order_id,
    account: async (row, _args, context) => {
      const account = await context.accounts.load(row.account_id);
      if (account === null) throw new Error('an order without its channel account');
      return account;
    },
    channel: (row) => toChannelName(row.channel),
    state: (row) => toEnum(row.snapshot.state),
    platformState: (row) => row.snapshot.platformState,
    buyerName: (row) => row.snapshot.buyerName,
    total: (row) => row.snapshot.total,
    items: (row) => row.snapshot.items,
    itemsOmitted: (row) => row.snapshot.itemsOmitted ?? 0,
    recipient: (row) => row.snapshot.recipient,
    shipments: (row) =>
      row.snapshot.shipments.map((shipment) => ({
        externalId: shipment.externalShipmentId,
        carrier: shipment.carrier,
        trackingNumber: shipment.trackingNumber,
        state: toEnum(shipment.state),
        updatedAt: shipment.updatedAt === null ? null : new Date(shipment.updatedAt),
      })),
    placedAt: (row) => new Date(row.snapshot.placedAt),
    updatedAt: (row) => row.platform_updated_at,
    claimedUpdatedAt: ({ snapshot: { claimedUpdatedAt } }) =>
      claimedUpdatedAt === undefined ? null : new Date(claimedUpdatedAt),
    refreshedAt: (row) => row.refreshed_at,
  },
};

async function load(id: string, context: GraphqlContext) {
  signedIn(context.request);
  return isUuid(id) ? context.orders.load(id) : null;
}
