import { afterCommit, type ConsumerSpec, type Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { saveCases } from '../after-sales/customer-case.store.ts';
import { type ContactDeps, noteContact } from '../contact/note-contact.ts';
import type { DB } from '../db.ts';
import type { LinkDeps } from '../link/relink.commands.ts';
import { eraseCustomers } from './on-buyer-erased.ts';
import { applyJoins } from './on-threads-joined.ts';
import { applyInbound, type Inbound } from './on-inbound.ts';
import { applyOrders } from './on-order-updated.ts';
import { planNotices } from '../stage-notice/plan-notices.ts';

export interface LinksDeps extends LinkDeps, ContactDeps {
  /** Something is planned. */
  readonly nudgeGate: () => void;
}

/**
 * Keeps the link of every conversation up to date with messages and orders. What is known of reaching a buyer, and of the
 * stages of their orders, follows in the same turn: it needs the customer.
 */
export function linksConsumer(deps: LinksDeps): ConsumerSpec<DB> {
  const inbound = async (trx: Transaction<DB>, events: readonly Inbound[]) => {
    await applyInbound(deps, trx, events);
    const received = events.filter(isMessage);
    if (received.length > 0) await noteContact(deps, trx, received);
  };
  return {
    name: 'crm.links',
    on: {
      // The same function for both: each names the buyer, so both are handled in one call.
      'ingest.message-received': inbound,
      'ingest.buyer-identified': inbound,
      'ingest.threads-joined': (trx, events) => applyJoins(deps, trx, events),
      'ingest.order-updated': async (trx, events) => {
        await applyOrders(deps, trx, events);
        if ((await planNotices(deps, trx, events)) > 0) afterCommit(trx, deps.nudgeGate);
      },
      'ingest.buyer-erased': (trx, events) => eraseCustomers(deps, trx, events),
      'conversation.case-opened': (trx, events) => saveCases(trx, events),
      'conversation.case-state-changed': (trx, events) => saveCases(trx, events),
      'conversation.case-changed': (trx, events) => saveCases(trx, events),
      'conversation.case-linked': (trx, events) => saveCases(trx, events),
    },
  };
}

function isMessage(one: Inbound): one is Delivered<'ingest.message-received'> {
  return one.event.type === 'ingest.message-received';
}
