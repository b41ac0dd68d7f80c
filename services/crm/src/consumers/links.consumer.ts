import type { EventOf } from '@crossdesk/contracts';
import { type ConsumerSpec, type Delivered, runsUntil } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Tables } from '../db.ts';
import type { LinkDeps } from '../link/relink.commands.ts';
import { eraseCustomers } from './on-buyer-erased.ts';
import { applyInbound, type Inbound } from './on-inbound.ts';
import { applyOrders, type OrderUpdate } from './on-order-updated.ts';

const types = [
  'ingest.message-received',
  'ingest.buyer-identified',
  'ingest.order-updated',
  'ingest.buyer-erased',
] as const;
type Consumed = (typeof types)[number];

/** Keeps the link of every conversation up to date with the messages and the orders there are. */
export function linksConsumer(deps: LinkDeps): ConsumerSpec<Tables, Consumed> {
  return {
    name: 'crm.links',
    topics: ['ingest.commerce', 'ingest.inbound'],
    types,
    handle: async (trx, events) => {
      for (const run of runsUntil(events, 'ingest.buyer-erased')) await apply(deps, trx, run);
    },
  };
}

async function apply(deps: LinkDeps, trx: Transaction<Tables>, run: readonly Delivered<Consumed>[]): Promise<void> {
  const inbound: Inbound[] = [];
  const orders: OrderUpdate[] = [];
  const erased: EventOf<'ingest.buyer-erased'>[] = [];
  for (const { event, traceparent } of run) {
    if (event.type === 'ingest.order-updated') orders.push({ event, traceparent });
    else if (event.type === 'ingest.buyer-erased') erased.push(event);
    else inbound.push({ event, traceparent });
  }
  await applyInbound(deps, trx, inbound);
  await applyOrders(deps, trx, orders);
  await eraseCustomers(deps, trx, erased);
}
