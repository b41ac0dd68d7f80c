import type { ConsumerSpec } from '@crossdesk/service-kit';
import { saveCustomers } from '../conversation/conversation-customer.store.ts';
import type { DB } from '../db.ts';
import { saveOrderLinks, saveOrders } from '../order/order-facts.store.ts';

/**
 * Remembers whose conversations they are, for the filter of the inbox, and what the check of outgoing texts asks about
 * their orders; a consumer of its own, so that no message waits
 * for a link. When customers are merged, crm links each of their conversations again.
 */
export function customersConsumer(): ConsumerSpec<DB> {
  return {
    name: 'conversation.customers',
    on: {
      'crm.conversation-linked': async (trx, events) => {
        await saveCustomers(
          trx,
          events.map(({ event: { tenantId, data } }) => ({ tenantId, ...data })),
        );
        await saveOrderLinks(trx, events);
      },
      'ingest.order-updated': saveOrders,
    },
  };
}
