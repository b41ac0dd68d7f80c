import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { latestOrders } from '../order/latest-orders.ts';
import { type ConversationOrder, saveLinks, saveOrders } from '../order/order-facts.store.ts';

/** Follows the orders, and which conversation is about which. */
export function ordersConsumer(): ConsumerSpec<DB> {
  return {
    name: 'automation.orders',
    on: {
      'ingest.order-updated': (trx, events) => saveOrders(trx, latestOrders(events)),
      'crm.conversation-linked': (trx, events) => saveLinks(trx, latestLinks(events)),
    },
  };
}

function latestLinks(events: readonly Delivered<'crm.conversation-linked'>[]): ConversationOrder[] {
  // The events of a key come in their order: the last one of a conversation is the newest.
  const latest = new Map(events.map(({ event }) => [`${event.tenantId} ${event.data.conversationId}`, event]));
  return [...latest.values()].map(({ tenantId, aggregateVersion, data }) => ({
    tenant_id: tenantId,
    conversation_id: data.conversationId,
    customer_id: data.customerId,
    order_id: data.order?.orderId ?? null,
    confidence: data.order?.confidence ?? null,
    version: aggregateVersion,
  }));
}
