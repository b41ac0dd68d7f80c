import type { ConsumerSpec } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { LinkDeps } from '../link/relink.commands.ts';
import { eraseCustomers } from './on-buyer-erased.ts';
import { applyJoins } from './on-threads-joined.ts';
import { saveCases } from '../timeline/customer-case.store.ts';
import { applyInbound, type Inbound } from './on-inbound.ts';
import { applyOrders } from './on-order-updated.ts';

/** Keeps the link of every conversation up to date with messages and orders, and what the timeline of its customer shows. */
export function linksConsumer(deps: LinkDeps): ConsumerSpec<DB> {
  const inbound = (trx: Transaction<DB>, events: readonly Inbound[]) => applyInbound(deps, trx, events);
  return {
    name: 'crm.links',
    on: {
      // The same function for both: each names the buyer, so both are handled in one call.
      'ingest.message-received': inbound,
      'ingest.buyer-identified': inbound,
      'ingest.threads-joined': (trx, events) => applyJoins(deps, trx, events),
      'ingest.order-updated': (trx, events) => applyOrders(deps, trx, events),
      'ingest.buyer-erased': (trx, events) => eraseCustomers(deps, trx, events),
      'conversation.case-opened': (trx, events) => saveCases(trx, events),
      'conversation.case-state-changed': (trx, events) => saveCases(trx, events),
    },
  };
}
