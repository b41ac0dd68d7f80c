import type { ConsumerSpec } from '@crossdesk/service-kit';
import type { Tables } from '../db.ts';
import type { LinkDeps } from '../link/relink.commands.ts';
import { applyInbound, type Inbound } from './on-inbound.ts';
import { applyOrders, type OrderUpdate } from './on-order-updated.ts';

const types = ['ingest.message-received', 'ingest.buyer-identified', 'ingest.order-updated'] as const;

/** Keeps the link of every conversation up to date with the messages and the orders there are. */
export function linksConsumer(deps: LinkDeps): ConsumerSpec<Tables, (typeof types)[number]> {
  return {
    name: 'crm.links',
    topics: ['ingest.commerce', 'ingest.inbound'],
    types,
    handle: async (trx, events) => {
      const inbound: Inbound[] = [];
      const orders: OrderUpdate[] = [];
      for (const { event, traceparent } of events) {
        if (event.type === 'ingest.order-updated') orders.push({ event, traceparent });
        else inbound.push({ event, traceparent });
      }
      await applyInbound(deps, trx, inbound);
      await applyOrders(deps, trx, orders);
    },
  };
}
