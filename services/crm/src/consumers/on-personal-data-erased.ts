import type { Clock, ConsumerSpec } from '@crossdesk/service-kit';
import type { Tables } from '../db.ts';
import { notePart } from '../erasure/erasure.store.ts';

const types = ['ingest.personal-data-erased', 'conversation.personal-data-erased'] as const;
const serviceOf = {
  'ingest.personal-data-erased': 'ingest',
  'conversation.personal-data-erased': 'conversation',
} as const;

/** Notes in the ledger what the other services have erased. */
export function ledgerConsumer({ clock }: { readonly clock: Clock }): ConsumerSpec<Tables, (typeof types)[number]> {
  return {
    name: 'crm.ledger',
    topics: ['conversation.erasure', 'ingest.erasure'],
    types,
    handle: async (trx, events) => {
      for (const { event } of events)
        await notePart(trx, { ...event.data, tenantId: event.tenantId, service: serviceOf[event.type] }, clock.now());
    },
  };
}
