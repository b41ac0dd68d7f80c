import type { Delivered } from '@crossdesk/service-kit';
import type { ConversationOrder } from './order-facts.store.ts';

/** Which order each conversation of a batch is about. */
export function latestLinks(events: readonly Delivered<'crm.conversation-linked'>[]): ConversationOrder[] {
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
