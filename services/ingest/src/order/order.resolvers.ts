import { toChannelName } from '@crossdesk/channels';
import { isUuid, orderStates } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  pageSize,
  signedIn,
  toEnum,
} from '@crossdesk/service-kit';
import type { OrderFilter as GraphqlFilter, Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { countOrders, listOrders, type OrderFilter } from './order.store.ts';

export const orderResolvers: Resolvers = {
  Query: {
    order: (_root, { id }, context) => load(id, context),
    orders: async (_root, args, { request, deps }) => {
      const { tenantId } = signedIn(request);
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const filter = filterOf(args.filter ?? {});
      const { db } = deps.runtime;
      const rows = await db.forTenant(tenantId, (trx) => listOrders(trx, tenantId, { first, after, filter }));
      const page = connectionOf(
        rows,
        { first, after: args.after },
        (row) => encodeKeyset({ at: row.platform_updated_at, id: row.order_id }),
        (row) => row,
      );
      return counted(page, () => db.forTenant(tenantId, (trx) => countOrders(trx, tenantId, filter)));
    },
  },
  OrderConnection: countResolvers,
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

/** Malformed ids match nothing, like ids that do not exist. */
function filterOf({ accountIds, states, placedFrom, placedBefore }: GraphqlFilter): OrderFilter {
  return {
    accountIds: accountIds?.filter(isUuid) ?? null,
    states: states?.map((state) => fromEnum(orderStates, state)) ?? null,
    placedFrom: placedFrom ?? null,
    placedBefore: placedBefore ?? null,
  };
}
